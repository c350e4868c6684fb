//! `start-dock`: starts a dock on EC2, and makes a running one reachable from here.

use dockerutils_dock::Minutes;

use super::dock_ec2::hand_over;
use crate::dock_context::{Ec2Dock, warn_of_unfinished_creations};
use crate::{Result, ui};

/// Start a dock on EC2, follow its new address, and let this machine's address in
///
/// A dock that runs already is only made reachable, for example after you have moved to another network.
#[derive(clap::Parser)]
#[command(name = "start-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address [default: the dock of this terminal]
    pub(super) name: Option<String>,
    /// If EC2 has no room for its type, try again each minute for this time, such as 30m or 8h
    #[arg(short, long, value_name = "TIME")]
    pub(super) wait: Option<Minutes>,
    /// Print the commands that change something, and run none of them
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  start-dock gpu           start it, and wait until docker responds there
  start-dock gpu --wait 2h
                           try again each minute if its zone has no such machine now";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock, if it is not on EC2, or if it cannot be started or reached.
pub fn run(args: &Args) -> Result {
    let ec2 = Ec2Dock::find(args.name.as_deref())?;
    warn_of_unfinished_creations(&ec2.docks);
    hand_over("start")
}
