//! The port of a notebook on this machine.

use std::net::{Ipv4Addr, TcpListener};

use dockerutils_docker::PortMapping;

use super::error::NotebookError;
use crate::ui;

/// Jupyter's own port, in the container and on this machine.
pub(super) const JUPYTER: u16 = 8888;

/// The last port that is tried.
const LAST: u16 = 8999;

const LOOPBACK: &str = "127.0.0.1";

/// Returns whether a port of this machine's loopback is free.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Returns the requested port, or the first free one from `preferred` on.
///
/// # Errors
/// Fails if the requested port is taken, or if none is free.
pub(super) fn choose(requested: Option<u16>, preferred: u16) -> Result<u16, NotebookError> {
    if let Some(port) = requested {
        return if is_free(port) { Ok(port) } else { Err(NotebookError::PortTaken { port, owner: None }) };
    }
    if is_free(preferred) {
        return Ok(preferred);
    }
    let free = (JUPYTER..=LAST).find(|port| *port != preferred && is_free(*port));
    let port = free.ok_or(NotebookError::NoFreePort { first: JUPYTER, last: LAST })?;
    ui::note(format_args!("port {preferred} is taken on this machine, so the notebook gets {port}"));
    Ok(port)
}

/// Returns which of the configured ports is the notebook's: the only one, or Jupyter's own among several.
pub(super) fn configured(mappings: &[PortMapping]) -> Option<&PortMapping> {
    mappings.iter().find(|mapping| mapping.container == JUPYTER).or_else(|| mappings.first())
}

/// Returns how the notebook's port is published on this machine: on loopback, unless an address is configured.
///
/// # Errors
/// Fails as [`choose`] does.
pub(super) fn published_here(
    configured: Option<&PortMapping>,
    container: u16,
    requested: Option<u16>,
) -> Result<PortMapping, NotebookError> {
    let address = configured.and_then(|mapping| mapping.address.clone());
    let configured_port = configured.and_then(|mapping| mapping.host);
    match &address {
        Some(address) if matches!(address.as_str(), "0.0.0.0" | "[::]") => ui::warn(format_args!(
            "the configured address {address} makes the notebook reachable from other machines: without it, only this one can"
        )),
        None if configured_port.is_some() => ui::note(format_args!(
            "the notebook's port is published on {LOOPBACK} only (configure an address to change that)"
        )),
        _ => {}
    }
    let host = Some(choose(requested, configured_port.unwrap_or(JUPYTER))?);
    Ok(PortMapping { address: Some(address.unwrap_or_else(|| LOOPBACK.to_owned())), host, container })
}

/// Returns how the notebook's port is published on a dock: as configured, but on loopback, else docker chooses the port.
pub(super) fn published_on_dock(configured: Option<&PortMapping>, container: u16) -> PortMapping {
    let address =
        configured.and_then(|mapping| mapping.address.clone()).unwrap_or_else(|| LOOPBACK.to_owned());
    PortMapping { address: Some(address), host: configured.and_then(|mapping| mapping.host), container }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(address: Option<&str>, host: Option<u16>, container: u16) -> PortMapping {
        PortMapping { address: address.map(str::to_owned), host, container }
    }

    #[test]
    fn a_taken_port_is_replaced_unless_it_was_requested() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        assert_ne!(choose(None, taken).unwrap(), taken);
        assert!(
            matches!(choose(Some(taken), JUPYTER), Err(NotebookError::PortTaken { port, .. }) if port == taken)
        );
        drop(listener);
        assert_eq!(choose(None, taken).unwrap(), taken);
        assert_eq!(choose(Some(taken), JUPYTER).unwrap(), taken);
    }

    #[test]
    fn a_port_is_published_on_loopback_unless_an_address_is_configured() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        for (address, expected) in
            [(None, "127.0.0.1"), (Some("0.0.0.0"), "0.0.0.0"), (Some("10.0.0.1"), "10.0.0.1")]
        {
            let configured = mapping(address, Some(free), 9999);
            let published = published_here(Some(&configured), 9999, None).unwrap();
            assert_eq!(published, mapping(Some(expected), Some(free), 9999));
        }
        assert_eq!(published_on_dock(None, 8888), mapping(Some("127.0.0.1"), None, 8888));
        let configured = mapping(None, Some(8889), 8888);
        assert_eq!(published_on_dock(Some(&configured), 8888), mapping(Some("127.0.0.1"), Some(8889), 8888));
    }

    #[test]
    fn the_notebooks_port_is_found_among_several() {
        let (web, jupyter) = (mapping(None, Some(80), 80), mapping(None, Some(9000), 8888));
        assert_eq!(configured(&[web.clone(), jupyter.clone()]), Some(&jupyter));
        assert_eq!(configured(std::slice::from_ref(&web)), Some(&web));
        assert_eq!(configured(&[]), None);
    }
}
