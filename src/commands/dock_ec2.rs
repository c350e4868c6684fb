//! `dock-ec2`: the work of the commands for docks on EC2. It alone contains Amazon's SDK for EC2.
//!
//! The commands that people call parse the same arguments, check what needs no network, and replace themselves by the
//! `dock-ec2` beside them ([`hand_over`]). So the arguments are written once, and only one binary is large.

#[cfg(feature = "ec2")]
mod create;
mod hand_over;
#[cfg(feature = "ec2")]
mod notes;

use super::create_dock;
#[cfg(feature = "ec2")]
use crate::{Result, ui};

pub(super) use self::hand_over::hand_over;

/// Do the work of the commands for docks on EC2, which call this program
#[derive(clap::Parser)]
#[command(name = "dock-ec2", version, after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

const EXAMPLES: &str = "\
Examples:
  create-dock gpu-box -g     runs `dock-ec2 create gpu-box -g`";

#[derive(clap::Subcommand)]
enum Act {
    /// The work of create-dock
    Create(Box<create_dock::Args>),
}

/// Runs the command.
///
/// # Errors
/// Fails as the command does whose work it is.
#[cfg(feature = "ec2")]
pub fn run(args: &Args) -> Result {
    match &args.act {
        Act::Create(args) => {
            ui::set_program_name("create-dock");
            create::run(args)
        }
    }
}
