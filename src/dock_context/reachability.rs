//! Host keys that are seen for the first time, and why ssh did not reach a dock.

use std::slice;
use std::time::Duration;

use dockerutils_command::{self as command, Runner};
use dockerutils_dock::{Dock, DockFault, Docks, probe};
use dockerutils_ssh::is_ssh_failure;

use super::DockContextError;
use crate::{Error, Result, ui};

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// Accepts the host key of a dock whose key is not known yet, and prints its fingerprint.
///
/// # Errors
/// Fails if the key cannot be stored, if ssh is not installed, or if a signal interrupted us. A dock that cannot be reached
/// is not an error here: the ssh that follows prints the reason.
pub(crate) fn accept_host_key(docks: &Docks, dock: &Dock, runner: &Runner) -> Result {
    if !runner.is_dry_run() && !docks.has_known_host_key(dock) {
        let waiting = ui::waiting_for(&dock.moniker);
        let probes = probe(docks, slice::from_ref(dock), PROBE_TIMEOUT, runner)?;
        drop(waiting);
        for probe in probes {
            announce_host_key(dock, probe.new_key.as_deref());
            if let Err(fault @ DockFault::HostKeyNotStored) = probe.state {
                return Err(DockContextError::Unreachable(fault.sentence(dock)).into());
            }
        }
    }
    Ok(())
}

/// Calls what ends with the first response of a dock. If that takes longer than three seconds, a note names the dock.
pub(crate) fn waiting_for_dock<T>(dock: &Dock, until_response: impl FnOnce() -> T) -> T {
    let _waiting = ui::waiting_for(&dock.moniker);
    until_response()
}

/// Prints the fingerprint of a host key that was accepted for the first time.
pub(crate) fn announce_host_key(dock: &Dock, fingerprint: Option<&str>) {
    if let Some(fingerprint) = fingerprint {
        ui::note(format_args!(
            "the host key of {}, seen first and trusted from now on: {fingerprint}",
            dock.address
        ));
    }
}

/// Replaces the error of ssh, or of rsync through it, that did not reach a dock by one that names the cause and the
/// remedy, if a probe finds them.
pub(crate) fn diagnose_ssh_failure(docks: &Docks, dock: &Dock, error: Error, runner: &Runner) -> Error {
    let is_ssh = matches!(error.child_error(), Some(command::Error::Failed { status, .. }) if is_ssh_failure(status.code()));
    if !is_ssh {
        return error;
    }
    // ssh has printed its message to the terminal, where we cannot read it.
    let waiting = ui::waiting_for(&dock.moniker);
    let probes = probe(docks, slice::from_ref(dock), PROBE_TIMEOUT, runner).unwrap_or_default();
    drop(waiting);
    let fault = probes.into_iter().find_map(|probe| probe.state.err());
    fault.map_or(error, |fault| DockContextError::Unreachable(fault.sentence(dock)).into())
}
