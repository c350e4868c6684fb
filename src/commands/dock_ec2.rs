//! `dock-ec2`: the work of the commands for docks on EC2. It alone contains Amazon's SDK for EC2.
//!
//! The commands that people call parse the same arguments, check what needs no network, and replace themselves by the
//! `dock-ec2` beside them (`hand_over`). So the arguments are written once, and only one binary is large.

mod caller;
#[cfg(feature = "ec2")]
mod connection;
#[cfg(feature = "ec2")]
mod create;
#[cfg(feature = "ec2")]
mod destroy;
#[cfg(feature = "ec2")]
mod error;
#[cfg(feature = "ec2")]
mod gc;
mod hand_over;
#[cfg(feature = "ec2")]
mod notes;
#[cfg(feature = "ec2")]
mod start;
mod states;
#[cfg(feature = "ec2")]
mod stop;

use super::{create_dock, destroy_dock, gc_docks, start_dock, stop_dock};
#[cfg(feature = "ec2")]
use crate::{Result, ui};

pub(super) use self::hand_over::{ec2_command, end_dock, hand_over};

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
    /// What check-dock needs of AWS: the caller, as JSON
    Caller(caller::Args),
    /// The work of create-dock
    Create(Box<create_dock::Args>),
    /// The work of destroy-dock
    Destroy(destroy_dock::Args),
    /// The work of gc-docks
    Gc(gc_docks::Args),
    /// The work of start-dock
    Start(start_dock::Args),
    /// What ls-dock needs of EC2: the instances that the records name, as JSON
    States(states::Args),
    /// The work of stop-dock
    Stop(stop_dock::Args),
}

/// Runs the command.
///
/// # Errors
/// Fails as the command does whose work it is.
#[cfg(feature = "ec2")]
pub fn run(args: &Args) -> Result {
    match &args.act {
        Act::Caller(args) => as_command("check-dock", || caller::run(args)),
        Act::Create(args) => as_command("create-dock", || create::run(args)),
        Act::Destroy(args) => as_command("destroy-dock", || destroy::run(args)),
        Act::Gc(args) => as_command("gc-docks", || gc::run(args)),
        Act::Start(args) => as_command("start-dock", || start::run(args)),
        Act::States(args) => as_command("ls-dock", || states::run(args)),
        Act::Stop(args) => as_command("stop-dock", || stop::run(args)),
    }
}

/// Does the work of a command, with messages that begin with the name that the user has typed.
#[cfg(feature = "ec2")]
fn as_command(name: &str, work: impl FnOnce() -> Result) -> Result {
    ui::set_program_name(name);
    work()
}
