//! The containers that run on a dock.

use std::time::Duration;

use dockerutils_command::{Error, Runner};

use crate::{Dock, Docks};

/// How long the dock may take to respond.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Returns the names of the containers that run on a dock; `None` if it cannot be reached, or in a dry run.
///
/// # Errors
/// Fails if ssh is not installed, or if a signal interrupted us.
pub fn running_containers(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Option<Vec<String>>, Error> {
    docks.refresh_ssh_files(dock);
    let ssh = docks.ssh_for_probe(dock).arg("--").arg(dock.destination());
    let outputs = runner.run_parallel(&[ssh.arg("docker ps --format '{{.Names}}'")], TIMEOUT)?;
    let listed = outputs.first().filter(|output| output.status.is_some_and(|status| status.success()));
    Ok(listed.map(|output| {
        let names = String::from_utf8_lossy(&output.stdout);
        names.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }))
}
