//! What happens between `docker run` and the browser: the container starts, its port is opened, Jupyter responds.

use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::{Pipes, Runner, Streaming};
use dockerutils_docker::{PublishedPort, follow_logs, parse_ports, port_command};
use dockerutils_notebook::{JupyterServer, Probe, Token};
use dockerutils_project::Project;

use super::Args;
use super::announcement::{find_notebook, open_browser, print_url};
use super::reach::{OpenPort, Reach};
use crate::{Result, ui};

/// How often Jupyter is asked, and docker for the port.
const PROBE: Duration = Duration::from_millis(20);
const ASK_DOCKER: Duration = Duration::from_millis(50);

/// How long a server may refuse the token. Shortly after its start it may not have read it yet.
const REFUSAL: Duration = Duration::from_secs(2);

/// After this time without a response, a line is printed.
const LATE: Duration = Duration::from_secs(20);

/// A container that is starting or runs.
pub(super) struct Startup<'a> {
    pub(super) args: &'a Args,
    pub(super) project: &'a Project,
    pub(super) reach: &'a Reach<'a>,
    pub(super) runner: &'a Runner,
    /// The container's name.
    pub(super) name: &'a str,
    /// The port of Jupyter in the container.
    pub(super) port: u16,
    pub(super) token: &'a Token,
    /// How the user ends it, for the line with the URL.
    pub(super) ending: &'a str,
}

/// How far it came.
pub(super) enum Started {
    /// Jupyter responds, or never will in a way that we understand; the port is open on this machine.
    Opened(OpenPort),
    /// The ports of this container cannot be reached from here, or a signal arrived.
    Unreachable,
    /// The container has ended first. It has printed this.
    Ended(String),
}

impl Startup<'_> {
    /// Waits until Jupyter responds, prints where it is and opens the browser.
    ///
    /// # Errors
    /// Fails if the port cannot be opened on this machine, or if a signal arrives.
    pub(super) fn watch(&self, has_ended: &(dyn Fn() -> bool + Sync)) -> Result<Started> {
        let started = Instant::now();
        if let Reach::Never(_) = self.reach {
            ui::note("the notebook's port is not opened on this machine");
            return Ok(Started::Unreachable);
        }
        // Before docker has opened it, the port may belong to another program.
        let Some(published) = self.published_port(has_ended)? else {
            return Ok(Started::Ended(String::new()));
        };
        let log = self.runner.start(&follow_logs(self.name), Pipes::Input)?;
        let Some(port) = self.reach.open(&published, self.args.port, self.runner)? else {
            return Ok(Started::Unreachable);
        };
        let server = JupyterServer::at(port.address, self.token.clone());
        let Some(probe) = self.wait_for_response(&server, &log, has_ended)? else {
            self.reach.close(&port, self.runner);
            return Ok(Started::Ended(text_of(log)));
        };
        drop(log);
        match probe {
            Probe::Ready(_) | Probe::Open(_) => {
                if let Probe::Open(_) = probe {
                    ui::warn(
                        "this server has no authentication, so every user of this machine can use it: remove `token=''` from \
                         Jupyter's configuration in the image",
                    );
                }
                self.announce(&server, started.elapsed(), has_ended)?;
            }
            _ => ui::warn(
                "this server has a token or password of its own: remove `token` and `password` from Jupyter's configuration \
                 in the image, or log in with what it has",
            ),
        }
        Ok(Started::Opened(port))
    }

    /// Waits until docker has published the port. `None` if the container has ended.
    fn published_port(&self, has_ended: &dyn Fn() -> bool) -> Result<Option<PublishedPort>> {
        while !has_ended() {
            let output = self.runner.start(&port_command(self.name), Pipes::Input)?.wait()?;
            let found = parse_ports(&output.stdout).into_iter().find(|port| port.container == self.port);
            if let Some(port) = found {
                return Ok(Some(port.published));
            }
            thread::sleep(ASK_DOCKER);
        }
        Ok(None)
    }

    /// Waits until the server accepts or refuses the token. `None` if the container has ended.
    fn wait_for_response(
        &self,
        server: &JupyterServer,
        log: &Streaming,
        has_ended: &dyn Fn() -> bool,
    ) -> Result<Option<Probe>> {
        let started = Instant::now();
        let (mut refused_since, mut is_reported) = (None, false);
        while !has_ended() && !log.has_ended() {
            match server.probe() {
                probe @ (Probe::Ready(_) | Probe::Open(_)) => return Ok(Some(probe)),
                Probe::Refused if refused_since.get_or_insert_with(Instant::now).elapsed() > REFUSAL => {
                    return Ok(Some(Probe::Refused));
                }
                _ => {}
            }
            if !is_reported && started.elapsed() > LATE {
                is_reported = true;
                ui::note(format_args!(
                    "Jupyter has not responded yet; if it runs, but listens on 127.0.0.1 in the container only, add --ip=0.0.0.0 \
                     to its command (port {})",
                    self.port
                ));
            }
            self.runner.check_interrupted()?;
            thread::sleep(PROBE);
        }
        Ok(None)
    }

    fn announce(
        &self,
        server: &JupyterServer,
        took: Duration,
        has_ended: &(dyn Fn() -> bool + Sync),
    ) -> Result {
        let notebook =
            self.args.notebook.as_ref().and_then(|notebook| find_notebook(server, notebook, self.project));
        let before = format!("ready after {:.1} s", took.as_secs_f64());
        print_url(server, notebook.as_deref(), &before, self.ending, self.args.detach)?;
        if !self.args.no_browser {
            let is_over = || has_ended() || self.runner.check_interrupted().is_err();
            open_browser(server.url(notebook.as_deref()), self.runner, &is_over);
        }
        Ok(())
    }
}

/// Returns what a container that has ended has printed.
fn text_of(log: Streaming) -> String {
    let Ok(output) = log.wait() else { return String::new() };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{stdout}{stderr}")
}
