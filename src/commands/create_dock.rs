//! `create-dock`: creates a machine on EC2 and registers it as a dock.

mod preparation;
mod public_key;

use std::path::PathBuf;

use dockerutils_dock::{
    DiskSize, DockSettings, Dollars, IdleLimit, ImageChoice, InstanceProfile, InstanceType, Minutes, Moniker,
    Network, Profile, Region, ResourceId, Tag, Zone,
};

pub(super) use self::preparation::{Preparation, PreparationError};
pub(super) use self::public_key::identity;
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
    pub(super) image: Option<ImageChoice>,
    /// The size of its disk in GiB (default: 100)
    #[arg(long, value_name = "GIB")]
    pub(super) size: Option<DiskSize>,
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
    pub(super) instance_profile: Option<InstanceProfile>,
    /// Networks that may connect with ssh (default: your own address only)
    #[arg(long, value_name = "CIDR", num_args = 1.., conflicts_with = "security_group")]
    pub(super) allow: Vec<Network>,
    /// Without a public address: it is reached at its private one
    #[arg(long)]
    pub(super) private: bool,
    /// As a spot instance, which EC2 stops when it needs the capacity
    #[arg(long)]
    pub(super) spot: bool,
    /// The highest price per hour for a spot instance, in dollars (default: that of an on-demand instance)
    #[arg(long, value_name = "DOLLARS")]
    pub(super) max_price: Option<Dollars>,
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
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) tag: Vec<Tag>,
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

impl Args {
    /// Returns what the flags set.
    fn settings(&self) -> DockSettings {
        let given = |list: &Vec<ResourceId>| Some(list.clone()).filter(|list| !list.is_empty());
        let is_set = |flag: bool| flag.then_some(true);
        let (instance_type, gpu_instance_type) =
            if self.gpu { (None, self.instance_type.clone()) } else { (self.instance_type.clone(), None) };
        DockSettings {
            key_name: None,
            security_group_ids: given(&self.security_group),
            iam_instance_profile: self.instance_profile.clone(),
            subnet_id: self.subnet.clone(),
            tags: Some(self.tag.clone()).filter(|tags| !tags.is_empty()),
            instance_type,
            volume_size: self.size,
            image: self.image.clone(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            vpc_id: self.vpc.clone(),
            gpu_instance_type,
            fallback_types: Some(self.fallback.clone()).filter(|types| !types.is_empty()),
            user: None,
            allow: Some(self.allow.clone()).filter(|networks| !networks.is_empty()),
            is_private: is_set(self.private),
            jump: None,
            is_spot: is_set(self.spot),
            max_price: self.max_price,
            idle: self.idle,
            ttl: self.ttl,
            is_protected: is_set(self.protect),
            docker: None,
            user_data: self.user_data.clone(),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Fails if something is wrong that can be found out without a network, or if there is no `dock-ec2` beside this program.
pub fn run(args: &Args) -> Result {
    // What fails here need not start the larger program, which prepares the same again.
    if let Some(name) = &args.name
        && !args.resume
        && !args.print_iam_policy
    {
        Preparation::check(args, name)?;
    }
    hand_over("create")
}
