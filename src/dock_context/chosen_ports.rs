//! Ports of a container on a dock for which docker chooses the number (`-p 80`, `-P`): they are known once it runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dockerutils_command::{Pipes, Runner};
use dockerutils_docker::{ChosenPort, Container, parse_ports, port_command};
use dockerutils_ssh::{ControlSocket, Forward};

use super::DockedEngine;
use crate::{Result, ui};

/// The time between two questions to docker: it doubles up to the maximum, because an image may be fetched first.
const DELAY: Duration = Duration::from_millis(200);
const MAX_DELAY: Duration = Duration::from_secs(3);

/// How often we look whether docker has ended.
const POLL: Duration = Duration::from_millis(50);

impl DockedEngine {
    /// Waits until the container runs, and opens the ports that docker has chosen for it. Returns when they are open, or
    /// when docker has ended.
    pub(super) fn open_chosen_ports(
        &self,
        container: &Container,
        control: &ControlSocket,
        has_ended: &AtomicBool,
        runner: &Runner,
    ) -> Vec<Forward> {
        let mut delay = DELAY;
        while !has_ended.load(Ordering::Relaxed) {
            match chosen_ports(container, runner) {
                Ok(ports) if !ports.is_empty() => return self.open_chosen(&ports, control, runner),
                // A signal, for example: docker has received it too.
                Err(_) => break,
                Ok(_) => {}
            }
            let mut waited = Duration::ZERO;
            while waited < delay && !has_ended.load(Ordering::Relaxed) {
                thread::sleep(POLL);
                waited += POLL;
            }
            delay = (2 * delay).min(MAX_DELAY);
        }
        Vec::new()
    }

    /// Opens the ports of a detached container, which runs already.
    pub(super) fn open_ports_of_detached(
        &self,
        container: &Container,
        control: &ControlSocket,
        runner: &Runner,
    ) -> Result<Vec<Forward>> {
        let ports = chosen_ports(container, runner)?;
        Ok(self.open_chosen(&ports, control, runner))
    }

    fn open_chosen(&self, ports: &[ChosenPort], control: &ControlSocket, runner: &Runner) -> Vec<Forward> {
        let published: Vec<_> = ports.iter().map(|port| port.published.clone()).collect();
        let mut forwards = Vec::new();
        // The container runs all the same.
        let allowed = self.allowed_ports(&published, runner).unwrap_or_else(|error| {
            ui::warn(error);
            Vec::new()
        });
        for port in ports.iter().filter(|port| allowed.contains(&&port.published)) {
            match self.open_port(&port.published, control, runner) {
                Ok(Some(forward)) => {
                    self.announce_forward(&forward, &format!(" ({} of the container)", port.container));
                    forwards.push(forward);
                }
                Ok(None) => {}
                Err(error) => ui::warn(error),
            }
        }
        forwards
    }
}

/// Returns the ports that docker has chosen; none if the container does not run yet.
fn chosen_ports(container: &Container, runner: &Runner) -> Result<Vec<ChosenPort>> {
    // Without an echo: it is asked again and again.
    let output = runner.start(&port_command(&container.name), Pipes::Input)?.wait()?;
    let is_numbered = |port: &ChosenPort| container.ports.numbered.contains(&port.published);
    let ports = if output.status.success() { parse_ports(&output.stdout) } else { Vec::new() };
    Ok(ports.into_iter().filter(|port| !is_numbered(port)).collect())
}
