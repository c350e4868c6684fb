//! How the ports of containers are reached from this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::slice;

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_docker::{PublishedPort, engine};
use dockerutils_ssh::ControlSocket;

use super::dock_ports::{self, target_of};
use crate::dock_context::{DockedEngine, SessionPorts};
use crate::{Result, ui};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How the ports of containers are reached.
pub(super) enum Reach<'e> {
    /// The engine is on this machine.
    Direct,
    /// Through the connection to a dock.
    Dock(&'e DockedEngine, ControlSocket),
    /// Not at all: the user does not want it, or no connection of ours leads to the dock.
    Closed(&'e DockedEngine, Option<ControlSocket>),
    /// Not at all: the engine is on an unknown machine.
    Unknown,
}

/// A port that can be connected to on this machine.
pub(super) struct OpenPort {
    /// Where it is.
    pub(super) address: SocketAddr,
    /// Where it leads to on the dock, if it is to be closed again.
    temporary: Option<String>,
}

impl<'e> Reach<'e> {
    /// Finds out how ports are reached, and opens the connection to the dock again if it was lost.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(super) fn of(engine: Option<&'e DockedEngine>, no_forward: bool, runner: &Runner) -> Result<Self> {
        let Some(engine) = engine else {
            // A token must not be sent to a port of this machine that belongs to another program.
            return Ok(if engine::has_local_socket() { Reach::Direct } else { Reach::Unknown });
        };
        Ok(match engine.ensure_session(runner)? {
            Some(control) if !no_forward => Reach::Dock(engine, control),
            control => Reach::Closed(engine, control),
        })
    }

    /// Returns the dock's engine.
    pub(super) fn dock(&self) -> Option<&'e DockedEngine> {
        match self {
            Reach::Direct | Reach::Unknown => None,
            Reach::Dock(engine, _) | Reach::Closed(engine, _) => Some(engine),
        }
    }

    /// Returns the connection to the dock.
    pub(super) fn control(&self) -> Option<&ControlSocket> {
        match self {
            Reach::Dock(_, control) => Some(control),
            Reach::Closed(_, control) => control.as_ref(),
            Reach::Direct | Reach::Unknown => None,
        }
    }

    /// Returns whether the engine is on this machine, and opens the ports itself.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self, Reach::Direct)
    }

    /// Returns whether ports are opened on this machine.
    pub(super) fn opens_ports(&self) -> bool {
        matches!(self, Reach::Direct | Reach::Dock(..))
    }

    fn dock_ports<'a>(&'a self, runner: &'a Runner) -> Option<SessionPorts<'a>> {
        match self {
            Reach::Dock(engine, control) => Some(SessionPorts { engine, control, runner }),
            _ => None,
        }
    }

    /// Opens the port of a container that docker has published; that of a dock stays open. `None` if it cannot be reached,
    /// which is reported.
    ///
    /// # Errors
    /// Fails if the requested port is taken, or if a signal interrupted us.
    pub(super) fn open(
        &self,
        container: &str,
        published: &PublishedPort,
        requested: Option<u16>,
        runner: &Runner,
    ) -> Result<Option<OpenPort>> {
        let Some(ports) = self.dock_ports(runner) else { return Ok(self.direct(published)) };
        let target = target_of(published);
        if ports.engine.allowed_ports(slice::from_ref(published), runner)?.is_empty() {
            return Ok(None);
        }
        match dock_ports::open(&ports, container, &target, requested) {
            Ok(local) => Ok(Some(OpenPort { address: (LOOPBACK, local).into(), temporary: None })),
            // The container is useful without the port, and the user has seen ssh's message.
            Err(error) if matches!(error.child_error(), Some(CommandError::Failed { .. })) => {
                let (port, moniker) = (published.port, ports.engine.moniker());
                ui::note(format_args!("port {port} of {moniker} cannot be opened on this machine"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens the port of a container for one request: on a dock the one that is open already, else any.
    ///
    /// # Errors
    /// Fails if no port is free, or if a signal interrupted us.
    pub(super) fn open_briefly(
        &self,
        container: &str,
        published: &PublishedPort,
        runner: &Runner,
    ) -> Result<Option<OpenPort>> {
        let Some(ports) = self.dock_ports(runner) else { return Ok(self.direct(published)) };
        if let Some(local) = self.local_port(container, published, runner)? {
            return Ok(Some(OpenPort { address: (LOOPBACK, local).into(), temporary: None }));
        }
        let target = target_of(published);
        let local = free_port()?;
        match runner.run_stdout_to_stderr(&ports.control.open_port(local, &target)) {
            Ok(()) => Ok(Some(OpenPort { address: (LOOPBACK, local).into(), temporary: Some(target) })),
            Err(CommandError::Failed { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn direct(&self, published: &PublishedPort) -> Option<OpenPort> {
        let address = published.address.as_deref().unwrap_or_default().parse();
        let address = (address.unwrap_or(LOOPBACK), published.port).into();
        self.is_direct().then_some(OpenPort { address, temporary: None })
    }

    /// Closes a port that was opened briefly. A connection that was lost has closed it already.
    pub(super) fn close(&self, port: &OpenPort, runner: &Runner) {
        if let (Reach::Dock(_, control), Some(target)) = (self, &port.temporary) {
            let close = control.close_port(port.address.port(), target);
            let _ = runner.uninterrupted().run_stdout_to_stderr(&close);
        }
    }

    /// Returns the port of this machine that leads to a container, if one is open.
    ///
    /// # Errors
    /// Fails if the session cannot be read.
    pub(super) fn local_port(
        &self,
        container: &str,
        published: &PublishedPort,
        runner: &Runner,
    ) -> Result<Option<u16>> {
        let Some(ports) = self.dock_ports(runner) else {
            return Ok(self.direct(published).map(|port| port.address.port()));
        };
        let kept = dock_ports::kept(&ports, container)?.filter(|port| port.target == target_of(published));
        Ok(kept.map(|port| port.local))
    }

    /// Returns the names of the containers of a dock that a port of this machine leads to.
    ///
    /// # Errors
    /// Fails if the session cannot be read.
    pub(super) fn reached_containers(&self, runner: &Runner) -> Result<Vec<String>> {
        self.dock_ports(runner).map_or(Ok(Vec::new()), |ports| dock_ports::containers(&ports))
    }

    /// Closes the ports of this machine that lead to containers of a dock that have ended.
    ///
    /// # Errors
    /// Fails if the session cannot be read or written.
    pub(super) fn close_ended(&self, has_ended: impl Fn(&str) -> bool, runner: &Runner) -> Result {
        self.dock_ports(runner).map_or(Ok(()), |ports| dock_ports::close_ended(&ports, has_ended))
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((LOOPBACK, 0))?.local_addr()?.port())
}
