//! How the ports of containers are reached from this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use dockerutils_command::Runner;
use dockerutils_docker::{PublishedPort, engine};
use dockerutils_ssh::{ControlSocket, Forward};

use super::port_choice::{JUPYTER, choose};
use crate::Result;
use crate::dock_context::DockedEngine;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How the ports of containers are reached.
pub(super) enum Reach<'e> {
    /// The engine is on this machine.
    Direct,
    /// Through the connection to a dock.
    Dock(&'e DockedEngine, ControlSocket),
    /// Not at all: the engine is on another machine to which we have no connection, or the user does not want it. The dock
    /// is there if the engine is that of a dock.
    Never(Option<&'e DockedEngine>),
}

/// A port that can be connected to on this machine.
pub(super) struct OpenPort {
    /// Where it is.
    pub(super) address: SocketAddr,
    /// The forward that leads to it, if it is that of a dock.
    forward: Option<Forward>,
}

impl<'e> Reach<'e> {
    /// Finds out how ports are reached, and opens the connection to the dock again if it was lost.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(super) fn of(engine: Option<&'e DockedEngine>, no_forward: bool, runner: &Runner) -> Result<Self> {
        let Some(engine) = engine else {
            // A token must not be sent to a port of this machine that belongs to another program.
            return Ok(if engine::has_local_socket() { Reach::Direct } else { Reach::Never(None) });
        };
        match engine.ensure_session(runner)? {
            Some(control) if !no_forward => Ok(Reach::Dock(engine, control)),
            _ => Ok(Reach::Never(Some(engine))),
        }
    }

    /// Returns the dock's engine.
    pub(super) fn dock(&self) -> Option<&'e DockedEngine> {
        match self {
            Reach::Direct => None,
            Reach::Dock(engine, _) => Some(engine),
            Reach::Never(engine) => *engine,
        }
    }

    /// Returns the connection to the dock.
    pub(super) fn control(&self) -> Option<&ControlSocket> {
        match self {
            Reach::Dock(_, control) => Some(control),
            Reach::Direct | Reach::Never(_) => None,
        }
    }

    /// Opens a port that docker has published; `None` if it cannot be reached, which is reported.
    ///
    /// # Errors
    /// Fails if the requested port is taken, or if a signal interrupted us.
    pub(super) fn open(
        &self,
        published: &PublishedPort,
        requested: Option<u16>,
        runner: &Runner,
    ) -> Result<Option<OpenPort>> {
        match self {
            Reach::Direct => {
                let address = published.address.as_deref().unwrap_or_default().parse();
                let address = (address.unwrap_or(LOOPBACK), published.port).into();
                Ok(Some(OpenPort { address, forward: None }))
            }
            Reach::Never(_) => Ok(None),
            Reach::Dock(engine, control) => {
                let local = choose(requested, JUPYTER)?;
                let address = published.address.clone().unwrap_or_else(|| LOOPBACK.to_string());
                let forward = Forward { local, address, port: published.port, instead: None };
                let opened = engine.open_forward(forward, control, runner)?;
                Ok(opened
                    .map(|forward| OpenPort { address: (LOOPBACK, local).into(), forward: Some(forward) }))
            }
        }
    }

    /// Closes a port that was opened for the length of a command. A connection that was lost has closed it already.
    pub(super) fn close(&self, port: &OpenPort, runner: &Runner) {
        if let (Reach::Dock(_, control), Some(forward)) = (self, &port.forward) {
            let _ = runner.uninterrupted().run_stdout_to_stderr(&forward.close(control));
        }
    }
}
