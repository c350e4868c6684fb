//! The port of a notebook on this machine.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use dockerutils_dock::Moniker;
use dockerutils_docker::{PortMapping, PortRange};
use dockerutils_notebook::program_on_port;

use super::error::NotebookError;
use crate::ui;

/// Jupyter's own port, in the container and on this machine.
pub(in crate::commands) const JUPYTER: u16 = 8888;

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
pub(in crate::commands) fn choose(requested: Option<u16>, preferred: u16) -> Result<u16, NotebookError> {
    if let Some(port) = requested {
        return if is_free(port) { Ok(port) } else { Err(taken(port)) };
    }
    if is_free(preferred) {
        return Ok(preferred);
    }
    let free = (JUPYTER..=LAST).find(|port| *port != preferred && is_free(*port));
    let port = free.ok_or(NotebookError::NoFreePort { first: JUPYTER, last: LAST })?;
    ui::note(format_args!("port {preferred} is taken on this machine, so the notebook gets {port}"));
    Ok(port)
}

/// Returns the error for a requested port that a program has.
pub(super) fn taken(port: u16) -> NotebookError {
    let owner = program_on_port(port).unwrap_or_else(|| "another program".to_owned());
    NotebookError::PortTaken { port, owner }
}

/// Returns which of the configured ports is the notebook's: the only one, or Jupyter's own among several.
pub(super) fn configured(mappings: &[PortMapping]) -> Option<&PortMapping> {
    mappings.iter().find(|mapping| mapping.container == JUPYTER).or_else(|| mappings.first())
}

/// Fails if a flag publishes the notebook's port together with others: docker would publish it a second time, on every
/// address.
pub(super) fn check_ranges(ranges: &[PortRange], port: u16) -> Result<(), NotebookError> {
    match ranges.iter().find(|range| range.container.contains(&port)) {
        Some(range) => Err(NotebookError::PortRange { flag: range.flag.clone(), port }),
        None => Ok(()),
    }
}

/// Returns the address of the engine's machine that the notebook's port is published on: loopback, unless one is
/// configured. `place` is the machine, for messages.
fn address(configured: Option<&PortMapping>, place: &str) -> String {
    let address = configured.and_then(|mapping| mapping.address.clone());
    match &address {
        Some(address) if !is_loopback(address) => ui::warn(format_args!(
            "the configured address {address} makes the notebook reachable from other machines: without it, only {place} \
             can reach it"
        )),
        None if configured.is_some_and(|mapping| mapping.host.is_some()) => ui::note(format_args!(
            "the notebook's port on {place} is published on {LOOPBACK} only (configure an address to change that)"
        )),
        _ => {}
    }
    address.unwrap_or_else(|| LOOPBACK.to_owned())
}

fn is_loopback(address: &str) -> bool {
    let address = address.trim_matches(['[', ']']);
    address == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
    let address = Some(address(configured, "this machine"));
    let preferred = configured.and_then(|mapping| mapping.host).unwrap_or(JUPYTER);
    Ok(PortMapping { address, host: Some(choose(requested, preferred)?), container })
}

/// Returns how the notebook's port is published on a dock: as configured, but on loopback, else docker chooses the port.
pub(super) fn published_on_dock(
    configured: Option<&PortMapping>,
    container: u16,
    dock: &Moniker,
) -> PortMapping {
    let address = Some(address(configured, dock.as_str()));
    PortMapping { address, host: configured.and_then(|mapping| mapping.host), container }
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
        let dock: Moniker = "gpu".parse().unwrap();
        assert_eq!(published_on_dock(None, 8888, &dock), mapping(Some("127.0.0.1"), None, 8888));
        let configured = mapping(None, Some(8889), 8888);
        let expected = mapping(Some("127.0.0.1"), Some(8889), 8888);
        assert_eq!(published_on_dock(Some(&configured), 8888, &dock), expected);
    }

    #[test]
    fn only_loopback_is_not_reachable_from_other_machines() {
        for address in ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"] {
            assert!(is_loopback(address), "{address}");
        }
        for address in ["0.0.0.0", "[::]", "10.0.0.1", "192.168.1.2", "[fe80::1]"] {
            assert!(!is_loopback(address), "{address}");
        }
    }

    #[test]
    fn the_notebooks_port_is_found_among_several() {
        let (web, jupyter) = (mapping(None, Some(80), 80), mapping(None, Some(9000), 8888));
        assert_eq!(configured(&[web.clone(), jupyter.clone()]), Some(&jupyter));
        assert_eq!(configured(std::slice::from_ref(&web)), Some(&web));
        assert_eq!(configured(&[]), None);
    }
}
