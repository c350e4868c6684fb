//! A process that reports that ssh waits for a dock, after ssh has taken the place of our own process.

use std::path::Path;
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use dockerutils_ssh::ControlSocket;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::Result;
use super::watch::program;
use crate::Dock;

/// How often the process checks whether ssh has connected.
const INTERVAL: Duration = Duration::from_millis(20);

/// Starts the process. ssh will have our process ID, and listen on the control socket when it has connected.
///
/// # Errors
/// Fails if the process cannot be started.
pub fn start_wait_notice(dock: &Dock, control: &ControlSocket, runner: &Runner) -> Result {
    let notice = Command::new(program()).args(["notice", &std::process::id().to_string()]);
    Ok(runner.spawn_in_background(&notice.arg(control.path()).arg(dock.moniker.as_str()))?)
}

/// Returns when the ssh with this process ID has connected or has ended.
pub fn wait_for_connection(ssh: i32, control: &Path) {
    while kill(Pid::from_raw(ssh), None).is_ok() && !control.exists() {
        std::thread::sleep(INTERVAL);
    }
}
