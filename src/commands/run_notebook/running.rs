//! The notebooks that run, found by their labels.

use dockerutils_command::{Command, Runner};
use dockerutils_docker::{InspectedContainer, PublishedPort, inspect_containers, list_containers};
use dockerutils_notebook::{JupyterServer, Token};
use dockerutils_project::{Project, User};

use super::notebook_container::{PORT_LABEL, PROJECT_LABEL};
use super::port_choice::JUPYTER;
use super::reach::{OpenPort, Reach};
use crate::Result;
use crate::docker_calls::{USER_LABEL, query_containers};

/// A notebook that runs.
pub(super) struct RunningNotebook {
    pub(super) container: InspectedContainer,
    /// The token that it got.
    pub(super) token: Option<Token>,
    /// The port of Jupyter in the container.
    pub(super) port: u16,
}

impl RunningNotebook {
    /// Returns the notebooks of the calling user; of one project, or of all.
    ///
    /// # Errors
    /// Fails if docker fails.
    pub(super) fn all(project: Option<&Project>, runner: &Runner) -> Result<Vec<Self>> {
        let listed = query_containers(runner, &Self::list_command(project))?;
        let ids: Vec<String> =
            String::from_utf8_lossy(&listed).split_whitespace().map(str::to_owned).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let containers =
            InspectedContainer::parse_list(&query_containers(runner, &inspect_containers(&ids))?)?;
        let running = containers.into_iter().filter(|container| container.is_running);
        Ok(running.map(RunningNotebook::of).collect())
    }

    /// Returns all notebooks of the calling user, and closes the ports of this machine that led to others, which have ended.
    ///
    /// # Errors
    /// Fails if docker fails, or if the session of the dock cannot be read or written.
    pub(super) fn all_and_close_ended(reach: &Reach, runner: &Runner) -> Result<Vec<Self>> {
        // Before the containers are listed: one that starts meanwhile is not in the list, and keeps its port.
        let reached = reach.reached_containers(runner)?;
        let notebooks = Self::all(None, runner)?;
        let has_ended = |name: &str| {
            reached.iter().any(|reached| reached == name)
                && notebooks.iter().all(|one| one.container.name != name)
        };
        reach.close_ended(has_ended, runner)?;
        Ok(notebooks)
    }

    /// Returns the command that lists their IDs.
    pub(super) fn list_command(project: Option<&Project>) -> Command {
        let user = format!("{USER_LABEL}={}", User::current().tag());
        let label = match project {
            Some(project) => format!("{PROJECT_LABEL}={}", project.root().display()),
            None => PROJECT_LABEL.to_owned(),
        };
        list_containers(&[user, label])
    }

    fn of(container: InspectedContainer) -> Self {
        let token = container.variable(Token::VARIABLE).map(Token::new);
        let port = container.labels.get(PORT_LABEL).and_then(|port| port.parse().ok()).unwrap_or(JUPYTER);
        RunningNotebook { container, token, port }
    }

    /// Returns the root of its project.
    pub(super) fn project(&self) -> &str {
        self.container.labels.get(PROJECT_LABEL).map_or("", String::as_str)
    }

    /// Returns its port on the engine's machine.
    pub(super) fn published(&self) -> Option<&PublishedPort> {
        self.container.published(self.port)
    }

    /// Returns the port of this machine that leads to it, if one is open.
    pub(super) fn local_port(&self, reach: &Reach, runner: &Runner) -> Option<u16> {
        reach.local_port(&self.container.name, self.published()?, runner).ok().flatten()
    }

    /// Returns its port on this machine if docker has opened that, so that it stays the same as long as the container runs.
    pub(super) fn fixed_port(&self, reach: &Reach) -> Option<u16> {
        self.published().filter(|_| reach.is_direct()).map(|published| published.port)
    }

    /// Returns its server, for a port of it that is open on this machine.
    pub(super) fn server(&self, port: &OpenPort) -> JupyterServer {
        JupyterServer::at(port.address, self.token.clone().unwrap_or_else(|| Token::new("")))
    }
}

/// Returns a container by its name; `None` if docker does not know it.
///
/// # Errors
/// Fails if docker fails, or if a signal interrupted us.
pub(super) fn inspect_container(name: &str, runner: &Runner) -> Result<Option<InspectedContainer>> {
    let inspected = query_containers(runner, &inspect_containers(&[name.to_owned()]))?;
    Ok(InspectedContainer::parse_list(&inspected)?.pop())
}
