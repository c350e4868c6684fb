//! The ports of a container on a dock, opened on this machine.

use std::io::ErrorKind;

use dockerutils_command::{Error as CommandError, Runner};
use dockerutils_docker::PublishedPorts;
use dockerutils_ssh::{ControlSocket, Forward};

use super::{DockContextError, DockedEngine};
use crate::{Result, ui};

impl DockedEngine {
    /// Opens the published ports on this machine. One that cannot be opened is reported, and the container runs without.
    ///
    /// # Errors
    /// Fails if no local port is free, or if a signal interrupted us.
    pub(super) fn open_ports(
        &self,
        ports: &PublishedPorts,
        control: &ControlSocket,
        runner: &Runner,
    ) -> Result<Vec<Forward>> {
        let moniker = &self.dock.moniker;
        if !ports.others.is_empty() {
            ui::note(format_args!(
                "not opened on this machine: {} (only TCP ports with a fixed number on {moniker} are, such as -p 8080:80)",
                ports.others.join(", "),
            ));
        }
        let mut forwards = Vec::new();
        for port in &ports.numbered {
            let forward =
                Forward::to(port.address.as_deref(), port.port).map_err(DockContextError::NoPort)?;
            match runner.run_stdout_to_stderr(&forward.open(control)) {
                Ok(()) => {
                    self.announce_forward(&forward);
                    forwards.push(forward);
                }
                // The container is useful without the port, and the user has seen ssh's message.
                Err(CommandError::Failed { .. }) => {
                    ui::note(format_args!(
                        "port {} of {moniker} cannot be opened on this machine",
                        port.port
                    ));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(forwards)
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

    fn announce_forward(&self, Forward { local, port, instead, .. }: &Forward) {
        let reason = match instead {
            None => "",
            Some(ErrorKind::PermissionDenied) => ", because only root may open that port on this machine",
            Some(_) => ", because that port is taken on this machine",
        };
        ui::note(format_args!("port {port} of {} is localhost:{local}{reason}", self.dock.moniker));
    }
}
