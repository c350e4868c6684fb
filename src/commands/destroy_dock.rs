//! `destroy-dock`: terminates a dock on EC2 and removes everything that create-dock has made for it.

use super::dock_ec2::end_dock;
use crate::{Result, ui};

/// Terminate a dock on EC2, and delete its disk and all that create-dock has made for it
///
/// It can be run again after a failure or Ctrl-C, and then does what is left. The dock's record is removed last.
#[derive(clap::Parser)]
#[command(name = "destroy-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address
    pub(super) name: String,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Also if it is protected against termination
    #[arg(short, long)]
    pub(super) force: bool,
    /// Keep a snapshot of its disk, which costs money until you delete it
    #[arg(long)]
    pub(super) keep_data: bool,
    /// Also if create-dock has not made it, or another user has
    #[arg(long)]
    pub(super) not_mine: bool,
    /// Print the commands that change something, and run none of them
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  destroy-dock gpu         you type its name, so that no other dock is destroyed by mistake
  destroy-dock gpu --dry-run
                           print what would be removed, as `aws` commands
  destroy-dock -y gpu --keep-data
                           without asking; its disk is copied first";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock, if it is not on EC2, or if something of it cannot be removed.
pub fn run(args: &Args) -> Result {
    end_dock("destroy", Some(&args.name), args.yes, args.dry_run)
}
