//! `create-dock`: creates a machine on EC2 and registers it as a dock.

use std::path::PathBuf;

use dockerutils_dock::{
    AwsName, IdleLimit, InstanceType, Minutes, Moniker, Profile, Region, ResourceId, Zone,
};

use super::dock_ec2::hand_over;
use crate::{Result, ui};

/// Create a machine on EC2 and register it as a dock
#[derive(clap::Parser)]
#[command(name = "create-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// Its short name
    #[arg(required_unless_present = "print_iam_policy")]
    pub(super) name: Option<Moniker>,
    /// The instance type (default: m7i.large, with -g g6.xlarge)
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    pub(super) instance_type: Option<InstanceType>,
    /// With a GPU: another default for the type, and an image with NVIDIA's driver
    #[arg(short, long)]
    pub(super) gpu: bool,
    /// Types to try if no zone has room for the first, separated by commas
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',')]
    pub(super) fallback: Vec<InstanceType>,
    /// The image (default: the newest Ubuntu 24.04, with -g the newest Deep Learning Base GPU AMI)
    #[arg(long, value_name = "AMI")]
    pub(super) image: Option<ResourceId>,
    /// The size of its disk in GiB (default: 100)
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u32).range(8..=16384))]
    pub(super) size: Option<u32>,
    /// The AWS region (default: that of your AWS configuration)
    #[arg(long)]
    pub(super) region: Option<Region>,
    /// The profile of your AWS configuration
    #[arg(long)]
    pub(super) profile: Option<Profile>,
    /// The VPC (default: the default VPC of the region)
    #[arg(long, value_name = "VPC")]
    pub(super) vpc: Option<ResourceId>,
    /// The subnet; no other is tried
    #[arg(long, value_name = "SUBNET")]
    pub(super) subnet: Option<ResourceId>,
    /// The availability zone; no other is tried
    #[arg(long, value_name = "ZONE")]
    pub(super) az: Option<Zone>,
    /// The public key to log in with (default: the first ed25519 key of the ssh-agent, then ~/.ssh/id_ed25519.pub)
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// Security groups to use; then none is created and none is changed
    #[arg(long, value_name = "GROUP", num_args = 1..)]
    pub(super) security_group: Vec<ResourceId>,
    /// The instance profile whose role the machine gets (default: none)
    #[arg(long, value_name = "NAME")]
    pub(super) instance_profile: Option<AwsName>,
    /// Networks that may connect with ssh (default: your own address only)
    #[arg(long, value_name = "CIDR", num_args = 1.., conflicts_with = "security_group")]
    pub(super) allow: Vec<String>,
    /// Without a public address: it is reached at its private one
    #[arg(long)]
    pub(super) private: bool,
    /// As a spot instance, which EC2 stops when it needs the capacity
    #[arg(long)]
    pub(super) spot: bool,
    /// The highest price per hour for a spot instance, in dollars (default: that of an on-demand instance)
    #[arg(long, value_name = "DOLLARS", requires = "spot", value_parser = dollars)]
    pub(super) max_price: Option<String>,
    /// Stop it after this idle time: 60m, 8h, 2d or never (default: 60m)
    #[arg(long, value_name = "TIME")]
    pub(super) idle: Option<IdleLimit>,
    /// Stop it after this time, idle or not
    #[arg(long, value_name = "TIME")]
    pub(super) ttl: Option<Minutes>,
    /// Protect it against termination
    #[arg(long)]
    pub(super) protect: bool,
    /// A tag of everything that is made; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    pub(super) tag: Vec<(String, String)>,
    /// A file of cloud-init to run in addition to ours
    #[arg(long, value_name = "FILE")]
    pub(super) user_data: Option<PathBuf>,
    /// How long the machine may take until docker responds
    #[arg(long, value_name = "TIME", default_value = "15m")]
    pub(super) timeout: Minutes,
    /// Wait until the host key is on the console, instead of accepting the first one after a minute
    #[arg(long)]
    pub(super) require_console_key: bool,
    /// Finish or undo an attempt that was killed
    #[arg(long, conflicts_with_all = ["dry_run", "print_iam_policy"])]
    pub(super) resume: bool,
    /// Print a bash script that creates the dock, and create nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// With --dry-run: do not contact AWS, and print placeholders for what it would return
    #[arg(long, requires = "dry_run")]
    pub(super) offline: bool,
    /// Print the smallest IAM policy with which the commands for docks on EC2 work
    #[arg(long)]
    pub(super) print_iam_policy: bool,
    /// Print the dock as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  create-dock box                        an m7i.large that stops after 60 idle minutes
  create-dock gpu-box -g                 a g6.xlarge with NVIDIA's driver
  create-dock box -t m7i.4xlarge --fallback m7a.4xlarge,m6i.4xlarge --size 500
  create-dock box --spot --idle never
  create-dock box --dry-run              prints the script that does it
  create-dock box --resume               finishes or undoes an attempt that was killed";

fn dollars(text: &str) -> std::result::Result<String, String> {
    let is_price = text.parse::<f64>().is_ok_and(|price| price.is_finite() && price > 0.0)
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_price { Ok(text.to_owned()) } else { Err("write dollars, as in 0.35".to_owned()) }
}

fn tag(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, _)) if key.starts_with("dockerutils:") || key.starts_with("aws:") => {
            Err("this key is reserved: choose another".to_owned())
        }
        Some((key, value)) if !key.is_empty() && key.len() <= 128 && value.len() <= 256 => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("write KEY=VALUE, with at most 128 and 256 characters".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// Fails if there is no `dock-ec2` beside this program.
pub fn run(_args: &Args) -> Result {
    hand_over("create")
}
