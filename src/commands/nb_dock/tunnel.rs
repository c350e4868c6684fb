//! The port of this machine that leads to Jupyter on a dock.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use dockerutils_dock::session::KeptPort;
use dockerutils_notebook::{JupyterServer, Probe, RemoteServer};

use super::error::NbDockError;
use super::remote::RemoteJupyter;
use crate::commands::run_notebook::{JUPYTER, choose};
use crate::{Result, ui};

/// The interval and the time limit of the probes. The server listens already, so a closed connection means that sshd closes
/// it.
const PROBE: Duration = Duration::from_millis(20);
const DEADLINE: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;

/// An open port.
pub(super) struct Tunnel {
    pub(super) server: JupyterServer,
    local: u16,
    target: String,
    /// Whether an earlier call has opened it, or this one, to stay.
    is_kept: bool,
}

impl Tunnel {
    /// Opens a port of this machine that leads to the server: the one that an earlier call has opened, or a free one. With
    /// `is_kept` it stays open after this command. `None` if sshd does not forward where the server listens.
    ///
    /// # Errors
    /// Fails if the requested port is taken, if the server refuses its token, or if a signal interrupted us.
    pub(super) fn open(
        jupyter: &RemoteJupyter,
        remote: &RemoteServer,
        requested: Option<u16>,
        is_kept: bool,
    ) -> Result<Option<Self>> {
        let (Some(target), Some(token)) = (remote.target(), remote.token()) else {
            return Err(no_target(jupyter).into());
        };
        if !remote.has_socket() && !jupyter.engine.allows_forward(&target, jupyter.runner)? {
            return Ok(None);
        }
        let ports = jupyter.ports().ok_or_else(|| no_target(jupyter))?;
        let kept = ports.find(&remote.name)?;
        let local = ports.open(kept.as_ref(), &target, requested, |requested| choose(requested, JUPYTER))?;
        let is_known = kept.is_some_and(|port| port.local == local && port.target == target);
        let server = JupyterServer::at((Ipv4Addr::LOCALHOST, local).into(), token);
        let tunnel = Tunnel { server, local, target, is_kept: is_kept || is_known };
        let leads_to_server = tunnel.check(jupyter).and_then(|leads_to_server| {
            if leads_to_server && is_kept {
                let holds = !jupyter.engine.has_session()?;
                let (name, target) = (remote.name.clone(), tunnel.target.clone());
                ports.keep(&KeptPort { name, local, target, holds })?;
            }
            Ok(leads_to_server)
        });
        if !matches!(leads_to_server, Ok(true)) {
            tunnel.close_now(jupyter)?;
        }
        Ok(leads_to_server?.then_some(tunnel))
    }

    /// Returns whether the port leads to a server, once that responds.
    fn check(&self, jupyter: &RemoteJupyter) -> Result<bool> {
        let dock = || jupyter.engine.moniker().to_string();
        match self.wait_for_response(jupyter)? {
            Probe::Ready(_) => Ok(true),
            Probe::Open(_) => {
                ui::warn(
                    "this server has no authentication: remove `token=''` from Jupyter's configuration on the dock",
                );
                Ok(true)
            }
            Probe::NoResponse => Ok(false),
            Probe::Late => Err(NbDockError::Silent { dock: dock() }.into()),
            _ => Err(NbDockError::Refused { dock: dock() }.into()),
        }
    }

    /// Waits until the server responds.
    fn wait_for_response(&self, jupyter: &RemoteJupyter) -> Result<Probe> {
        let (begin, mut missing) = (Instant::now(), 0);
        loop {
            match self.server.probe() {
                Probe::NoResponse if missing < ATTEMPTS => missing += 1,
                // It may not have read its configuration yet, or be busy.
                Probe::NotJupyter | Probe::Late if begin.elapsed() < DEADLINE => {}
                probe => return Ok(probe),
            }
            jupyter.runner.check_interrupted()?;
            thread::sleep(PROBE);
        }
    }

    /// Closes the port, unless it stays open.
    ///
    /// # Errors
    /// Fails if ssh cannot be started.
    pub(super) fn close(&self, jupyter: &RemoteJupyter) -> Result {
        if self.is_kept { Ok(()) } else { self.close_now(jupyter) }
    }

    fn close_now(&self, jupyter: &RemoteJupyter) -> Result {
        jupyter.ports().map_or(Ok(()), |ports| ports.close(self.local, &self.target))
    }
}

fn no_target(jupyter: &RemoteJupyter) -> NbDockError {
    NbDockError::NoTarget { dock: jupyter.engine.moniker().to_string() }
}
