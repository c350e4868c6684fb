//! The notebooks that run, found by their labels.

use dockerutils_command::{Pipes, Runner};
use dockerutils_docker::{RunningContainer, inspect_containers, list_containers};
use dockerutils_notebook::{JupyterServer, Token};
use dockerutils_project::{Project, User};

use super::notebook_container::{PORT_LABEL, PROJECT_LABEL, USER_LABEL};
use super::port_choice::JUPYTER;
use super::reach::OpenPort;
use crate::Result;
use crate::docker_calls::note_remedy;

/// A notebook that runs.
pub(super) struct RunningNotebook {
    pub(super) container: RunningContainer,
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
        let user = format!("{USER_LABEL}={}", User::current().tag());
        let label = match project {
            Some(project) => format!("{PROJECT_LABEL}={}", project.root().display()),
            None => PROJECT_LABEL.to_owned(),
        };
        let listed = query(&list_containers(&[user, label]), runner)?;
        let ids: Vec<String> =
            String::from_utf8_lossy(&listed).split_whitespace().map(str::to_owned).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let containers = RunningContainer::parse_list(&query(&inspect_containers(&ids), runner)?)?;
        Ok(containers.into_iter().map(RunningNotebook::of).collect())
    }

    fn of(container: RunningContainer) -> Self {
        let token = container.variable(Token::VARIABLE).map(Token::new);
        let port = container.labels.get(PORT_LABEL).and_then(|port| port.parse().ok()).unwrap_or(JUPYTER);
        RunningNotebook { container, token, port }
    }

    /// Returns the root of its project.
    pub(super) fn project(&self) -> &str {
        self.container.labels.get(PROJECT_LABEL).map_or("", String::as_str)
    }

    /// Returns its port on the engine's machine.
    pub(super) fn published(&self) -> Option<&dockerutils_docker::PublishedPort> {
        self.container.ports.iter().find(|(container, _)| *container == self.port).map(|(_, port)| port)
    }

    /// Returns its server, for a port of it that is open on this machine.
    pub(super) fn server(&self, port: &OpenPort) -> JupyterServer {
        JupyterServer::at(port.address, self.token.clone().unwrap_or_else(|| Token::new("")))
    }
}

/// Runs docker without an echo and returns what it prints: it changes nothing, and its output is not for the user.
fn query(command: &dockerutils_command::Command, runner: &Runner) -> Result<Vec<u8>> {
    let output = runner.start(command, Pipes::Input)?.wait()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    crate::ui::print_on_stderr(String::from_utf8_lossy(&output.stderr));
    let failed = dockerutils_command::Error::Failed { program: command.program(), status: output.status };
    note_remedy(&failed);
    Err(failed.into())
}
