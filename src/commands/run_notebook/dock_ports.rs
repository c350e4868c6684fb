//! Ports of this machine that lead to notebooks on a dock.

use dockerutils_dock::session::KeptPort;
use dockerutils_docker::PublishedPort;
use dockerutils_ssh::forward_target;

use super::port_choice::{JUPYTER, choose};
use crate::Result;
use crate::dock_context::{NOTEBOOK, SessionPorts};

/// Returns where a published port is on the dock, as ssh takes it.
pub(super) fn target_of(published: &PublishedPort) -> String {
    forward_target(published.address.as_deref(), published.port)
}

/// Returns the port that leads to a container, if an earlier command has opened one.
///
/// # Errors
/// Fails if the session cannot be read.
pub(super) fn kept(ports: &SessionPorts, container: &str) -> Result<Option<KeptPort>> {
    ports.find(&name_of(container))
}

/// Opens a port that leads to a container, the same as before if possible, and returns its number.
///
/// # Errors
/// Fails if the requested port is taken, if ssh cannot open a port, or if a signal interrupted us.
pub(super) fn open(
    ports: &SessionPorts,
    container: &str,
    target: &str,
    requested: Option<u16>,
) -> Result<u16> {
    let kept = kept(ports, container)?;
    let local = ports.open(kept.as_ref(), target, requested, |requested| choose(requested, JUPYTER))?;
    // The terminal holds the session.
    ports.keep(&KeptPort { name: name_of(container), local, target: target.to_owned(), holds: false })?;
    Ok(local)
}

/// Returns the names of the containers that a port leads to.
///
/// # Errors
/// Fails if the session cannot be read.
pub(super) fn containers(ports: &SessionPorts) -> Result<Vec<String>> {
    let names = ports.names()?.into_iter();
    Ok(names.filter_map(|name| name.strip_prefix(NOTEBOOK).map(str::to_owned)).collect())
}

/// Closes the ports of containers that have ended.
///
/// # Errors
/// Fails if the session cannot be read or written.
pub(super) fn close_ended(ports: &SessionPorts, has_ended: impl Fn(&str) -> bool) -> Result {
    ports.close_all(|name| name.strip_prefix(NOTEBOOK).is_some_and(&has_ended))
}

fn name_of(container: &str) -> String {
    format!("{NOTEBOOK}{container}")
}
