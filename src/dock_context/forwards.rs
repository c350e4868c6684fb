//! The ports of a container on a dock, opened on this machine.

use std::io::ErrorKind;

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_dock::session::allows_forward;
use dockerutils_docker::{PublishedPort, PublishedPorts};
use dockerutils_ssh::{ControlSocket, Forward};

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
        for port in &ports.numbered {
            if let Some(forward) = self.open_port(port, control, runner)? {
                self.announce_forward(&forward, "");
                forwards.push(forward);
            }
        }
        Ok(forwards)
    }

    /// Opens a port on this machine; `None` if it cannot be opened, or would not work, which is reported.
    pub(super) fn open_port(
        &self,
        port: &PublishedPort,
        control: &ControlSocket,
        runner: &Runner,
    ) -> Result<Option<Forward>> {
        let forward = Forward::to(port.address.as_deref(), port.port).map_err(DockContextError::NoPort)?;
        if !self.may_forward(port.port, &forward.target(), runner)? {
            return Ok(None);
        }
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

    /// Returns whether a port of the dock can be opened on this machine; if not, that is reported.
    ///
    /// # Errors
    /// Fails if a signal interrupted us.
    pub(crate) fn may_forward(&self, port: u16, target: &str, runner: &Runner) -> Result<bool> {
        if runner.is_dry_run() || allows_forward(&self.docks, &self.dock, target, runner)? {
            return Ok(true);
        }
        let moniker = &self.dock.moniker;
        ui::note(format_args!(
            "port {port} of {moniker} is not opened on this machine: sshd on {moniker} does not allow it \
             (AllowTcpForwarding or PermitOpen in its /etc/ssh/sshd_config)"
        ));
        Ok(false)
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
