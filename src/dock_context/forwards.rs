//! The ports of a container on a dock, opened on this machine.

use std::io::ErrorKind;

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_dock::session::allowed_forwards;
use dockerutils_docker::{PublishedPort, PublishedPorts};
use dockerutils_ssh::{ControlSocket, Forward, forward_target};

use super::{DockContextError, DockedEngine};
use crate::{Result, ui};

impl DockedEngine {
    /// Opens the ports with a given number on this machine. One that cannot be opened is reported, and the container runs
    /// without.
    ///
    /// # Errors
    /// Fails if no local port is free, or if a signal interrupted us.
    pub(super) fn open_ports(
        &self,
        ports: &PublishedPorts,
        control: &ControlSocket,
        runner: &Runner,
    ) -> Result<Vec<Forward>> {
        if !ports.others.is_empty() {
            ui::note(format_args!(
                "not opened on this machine: {} (only TCP ports of {} are)",
                ports.others.join(", "),
                self.dock.moniker,
            ));
        }
        let mut forwards = Vec::new();
        for port in self.allowed_ports(&ports.numbered, runner)? {
            if let Some(forward) = self.open_port(port, control, runner)? {
                self.announce_forward(&forward, "");
                forwards.push(forward);
            }
        }
        Ok(forwards)
    }

    /// Opens a port on this machine; `None` if it cannot be opened, which is reported.
    pub(super) fn open_port(
        &self,
        port: &PublishedPort,
        control: &ControlSocket,
        runner: &Runner,
    ) -> Result<Option<Forward>> {
        let forward = Forward::to(port.address.as_deref(), port.port).map_err(DockContextError::NoPort)?;
        match runner.run_stdout_to_stderr(&forward.open(control)) {
            Ok(()) => Ok(Some(forward)),
            // The container is useful without the port, and the user has seen ssh's message.
            Err(CommandError::Failed { .. }) => {
                let moniker = &self.dock.moniker;
                ui::note(format_args!("port {} of {moniker} cannot be opened on this machine", port.port));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the ports of the dock that sshd there lets be opened on this machine. The others are reported.
    ///
    /// # Errors
    /// Fails if a signal interrupted us.
    pub(crate) fn allowed_ports<'a>(
        &self,
        ports: &'a [PublishedPort],
        runner: &Runner,
    ) -> Result<Vec<&'a PublishedPort>> {
        if runner.is_dry_run() {
            return Ok(ports.iter().collect());
        }
        let targets: Vec<String> =
            ports.iter().map(|port| forward_target(port.address.as_deref(), port.port)).collect();
        let allowed = allowed_forwards(&self.docks, &self.dock, &targets, runner)?;
        let (allowed, denied): (Vec<_>, Vec<_>) =
            ports.iter().zip(allowed).partition(|(_, allowed)| *allowed);
        let moniker = &self.dock.moniker;
        for (port, _) in denied {
            ui::note(format_args!(
                "port {} of {moniker} is not opened on this machine: sshd on {moniker} does not allow it \
                 (AllowTcpForwarding or PermitOpen in its /etc/ssh/sshd_config)",
                port.port
            ));
        }
        Ok(allowed.into_iter().map(|(port, _)| port).collect())
    }

    /// Prints that no port is opened, because no connection to the dock is open.
    pub(super) fn report_unopened_ports(&self, ports: &PublishedPorts) {
        let moniker = &self.dock.moniker;
        for port in &ports.numbered {
            ui::note(format_args!(
                "port {} of {moniker} is not opened on this machine: no connection is open (`source dock {moniker}` opens one)",
                port.port
            ));
        }
    }

    /// Prints where a port is; `which` adds of what container it is a port.
    pub(super) fn announce_forward(&self, Forward { local, port, instead, .. }: &Forward, which: &str) {
        let reason = match instead {
            None => "",
            Some(ErrorKind::PermissionDenied) => ", because only root may open that port on this machine",
            Some(_) => ", because that port is taken on this machine",
        };
        ui::note(format_args!("port {port} of {}{which} is localhost:{local}{reason}", self.dock.moniker));
    }
}
