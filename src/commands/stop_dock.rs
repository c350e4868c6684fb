//! `stop-dock`: stops a dock on EC2, whose disk is kept.

use super::dock_ec2::end_dock;
use crate::{Result, ui};

/// Stop a dock on EC2: its disk stays, and its containers end
#[derive(clap::Parser)]
#[command(name = "stop-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address [default: the dock of this terminal]
    pub(super) name: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Print the command that stops it, and do not run it
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  stop-dock gpu            name its running containers, ask, stop it, and print what its disk costs a month
  stop-dock -y             the dock of this terminal, without asking
  start-dock gpu           start it again, at another address";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock, if it is not on EC2, or if it cannot be stopped.
pub fn run(args: &Args) -> Result {
    end_dock("stop", args.name.as_deref(), args.yes, args.dry_run)
}
