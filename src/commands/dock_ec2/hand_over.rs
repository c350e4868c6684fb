//! Replaces a small command by the `dock-ec2` beside it.

use std::env;

use dockerutils_command::{Command, EchoLevel, Runner};

use crate::dock_context::{Ec2Dock, mention_terminals, warn_of_unfinished_creations};
use crate::{Result, ui};

/// Why `dock-ec2` cannot take over.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum HandOverError {
    /// The commands were built without the feature `ec2`.
    #[error(
        "this installation was built without EC2: install it with the feature `ec2`, which is on by default"
    )]
    WithoutEc2,
    /// Our own path is not known.
    #[error("the folder of this command, which contains `dock-ec2`, cannot be found: {0}")]
    NoFolder(std::io::Error),
}

/// Returns the command line `dock-ec2 ACT`.
///
/// # Errors
/// Fails if there is no `dock-ec2` beside this program.
pub(in crate::commands) fn ec2_command(act: &str) -> std::result::Result<Command, HandOverError> {
    if !cfg!(feature = "ec2") {
        return Err(HandOverError::WithoutEc2);
    }
    let own = env::current_exe().map_err(HandOverError::NoFolder)?;
    Ok(Command::new(own.with_file_name("dock-ec2")).arg(act))
}

/// Replaces this process by `dock-ec2 ACT`, with the arguments that it has itself.
///
/// # Errors
/// Fails if there is no `dock-ec2` beside this program.
pub(in crate::commands) fn hand_over(act: &str) -> Result {
    let command = ec2_command(act)?.args(env::args_os().skip(1));
    // Not echoed: the user would read the same words twice.
    Ok(Runner::new(false).with_echo_level(EchoLevel::Docker).exec(&command)?)
}

/// Hands a dock over to `dock-ec2 ACT` that is stopped or destroyed, after naming the terminals that are docked there.
///
/// # Errors
/// Fails if there is no such dock, if it is not on EC2, if a confirmation is needed and there is no terminal for it, or if there is no
/// `dock-ec2` beside this program.
pub(in crate::commands) fn end_dock(act: &str, name: Option<&str>, yes: bool, dry_run: bool) -> Result {
    let ec2 = Ec2Dock::find(name)?;
    warn_of_unfinished_creations(&ec2.docks);
    ui::check_can_ask("-y", yes || dry_run)?;
    if !dry_run {
        mention_terminals(&ec2.docks, &ec2.dock)?;
    }
    hand_over(act)
}
