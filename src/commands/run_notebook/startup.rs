//! What happens between `docker run` and the browser: the container starts, its port is opened, Jupyter responds.

use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::{Pipes, Runner, Streaming};
use dockerutils_docker::{PublishedPort, follow_logs};
use dockerutils_notebook::{JupyterServer, Probe, Token};
use dockerutils_project::Project;

use super::Args;
use super::announcement::{find_page, open_browser, print_url};
use super::lateness::Lateness;
use super::reach::Reach;
use super::running::inspect_container;
use crate::{Result, ui};

/// The intervals between probes of Jupyter, and between queries of docker for the port.
const PROBE: Duration = Duration::from_millis(20);
const DOCKER_POLL: Duration = Duration::from_millis(50);

/// How often docker is queried for whether the container still runs, if its log does not show the end.
const RECHECK: Duration = Duration::from_secs(1);

/// How long a server may refuse the token. Shortly after its start it may not have read it yet.
const REFUSAL: Duration = Duration::from_secs(2);

/// How long `docker logs` may take to end after the container has.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

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
    /// Whether docker has started it already: one that docker does not know then has ended.
    pub(super) is_started: bool,
}

/// How far it came.
pub(super) enum Started {
    /// Jupyter responds, or never will in a way that we understand; the port is open on this machine.
    Opened,
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
        if !self.reach.opens_ports() {
            ui::note("the notebook's port is not opened on this machine");
            return Ok(Started::Unreachable);
        }
        // Its log is lost with the container, which may end soon.
        let early = if self.is_started { Some(self.follow_log()?) } else { None };
        // Before docker has opened it, the port may belong to another program.
        let published = match self.wait_for_port(has_ended)? {
            Publication::Port(published) => published,
            Publication::None { has_host_network } => {
                warn_of_unpublished_port(self.port, has_host_network);
                return Ok(Started::Unreachable);
            }
            Publication::Ended => return Ok(Started::Ended(early.map(text_of).unwrap_or_default())),
        };
        let log = early.map_or_else(|| self.follow_log(), Ok)?;
        let Some(port) = self.reach.open(self.name, &published, self.args.port, self.runner)? else {
            return Ok(Started::Unreachable);
        };
        let server = JupyterServer::at(port.address, self.token.clone());
        let Some(probe) = self.wait_for_response(&server, &log, has_ended)? else {
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
            _ => self.report_refusal(&server)?,
        }
        Ok(Started::Opened)
    }

    fn follow_log(&self) -> Result<Streaming> {
        Ok(self.runner.start(&follow_logs(self.name), Pipes::Input)?)
    }

    /// Waits until the container runs, and with it its ports are open.
    fn wait_for_port(&self, has_ended: &dyn Fn() -> bool) -> Result<Publication> {
        while !has_ended() {
            match inspect_container(self.name, self.runner)? {
                Some(container) if container.is_running => {
                    let has_host_network = container.has_host_network;
                    let port = container.published(self.port).cloned();
                    return Ok(port.map_or(Publication::None { has_host_network }, Publication::Port));
                }
                _ if self.is_started => return Ok(Publication::Ended),
                _ => thread::sleep(DOCKER_POLL),
            }
        }
        Ok(Publication::Ended)
    }

    /// Waits until the server accepts or refuses the token. `None` if the container has ended.
    fn wait_for_response(
        &self,
        server: &JupyterServer,
        log: &Streaming,
        has_ended: &dyn Fn() -> bool,
    ) -> Result<Option<Probe>> {
        let (mut refused_since, mut lateness) = (None, Lateness::since(Instant::now()));
        let mut checked: Option<Instant> = None;
        while !has_ended() {
            // Docker cannot follow the log of every driver, and a very long one is cut off.
            if log.has_ended() && checked.is_none_or(|checked| checked.elapsed() > RECHECK) {
                checked = Some(Instant::now());
                if inspect_container(self.name, self.runner)?.is_none_or(|container| !container.is_running) {
                    return Ok(None);
                }
            }
            match server.probe() {
                probe @ (Probe::Ready(_) | Probe::Open(_)) => return Ok(Some(probe)),
                Probe::Refused if refused_since.get_or_insert_with(Instant::now).elapsed() > REFUSAL => {
                    return Ok(Some(Probe::Refused));
                }
                _ => {}
            }
            lateness.report(log, self.port);
            self.runner.check_interrupted()?;
            thread::sleep(PROBE);
        }
        Ok(None)
    }

    fn report_refusal(&self, server: &JupyterServer) -> Result {
        let url = server.url_without_token(None);
        ui::warn(format_args!(
            "this server has a token or password of its own: remove `token` and `password` from Jupyter's configuration in \
             the image, or log in with what it has at {url}"
        ));
        if self.args.detach { Ok(ui::print_line(url)?) } else { Ok(()) }
    }

    fn announce(
        &self,
        server: &JupyterServer,
        took: Duration,
        has_ended: &(dyn Fn() -> bool + Sync),
    ) -> Result {
        let page = self.args.notebook.as_ref().and_then(|notebook| find_page(server, notebook, self.project));
        let before = format!("ready after {:.1} s", took.as_secs_f64());
        print_url(server, page.as_deref(), &before, self.ending, "run-notebook", self.args.detach)?;
        if !self.args.no_browser {
            let is_over = || has_ended() || self.runner.check_interrupted().is_err();
            open_browser(server.url(page.as_deref()), self.runner, &is_over);
        }
        Ok(())
    }
}

/// Where the port of a container is.
enum Publication {
    Port(PublishedPort),
    /// Docker publishes no port of it.
    None {
        has_host_network: bool,
    },
    /// The container has ended.
    Ended,
}

fn warn_of_unpublished_port(port: u16, has_host_network: bool) {
    if has_host_network {
        ui::warn(format_args!(
            "docker publishes no port of a container with the network of the machine, so the notebook is not opened; if Jupyter \
             listens on 0.0.0.0, other machines reach its port {port}: leave `--network host` out"
        ));
    } else {
        ui::warn(
            "docker publishes no port of this container, so the notebook cannot be opened: connect it to another network, such \
             as bridge",
        );
    }
}

/// Returns what a container that has ended has printed.
fn text_of(log: Streaming) -> String {
    // With some log drivers `docker logs --follow` never ends. https://github.com/docker/for-linux/issues/575
    let Ok(output) = log.wait_at_most(LAST_OUTPUT) else { return String::new() };
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{stdout}{stderr}")
}
