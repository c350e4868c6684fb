//! Calls of the script on the dock.

use dockerutils_command::{Command, Runner};
use dockerutils_notebook::{REMOTE_SCRIPT, RemoteError, RemoteRequest, RemoteServer, Token};
use dockerutils_ssh::ControlSocket;

use super::error::NbDockError;
use crate::Result;
use crate::dock_context::{DockedEngine, ScriptInput, SessionPorts};

/// Installs JupyterLab for the user, without changing another environment.
const INSTALL: &str = "PATH=$PATH:$HOME/.local/bin; \
    if command -v uv >/dev/null; then echo uv tool install jupyterlab; exec uv tool install jupyterlab; fi; \
    if command -v pipx >/dev/null; then echo pipx install jupyterlab; exec pipx install jupyterlab; fi; \
    echo neither uv nor pipx is installed >&2; exit 1";

/// Jupyter on a dock.
pub(super) struct RemoteJupyter<'a> {
    pub(super) engine: &'a DockedEngine,
    /// `None` under a dry run.
    pub(super) control: Option<ControlSocket>,
    pub(super) runner: &'a Runner,
}

/// Returns what the dock's shell reads, with a new token, which a server that is started gets.
///
/// # Errors
/// Fails if the system has no randomness, or if an argument contains a NUL character.
pub(super) fn input(request: &RemoteRequest) -> Result<ScriptInput> {
    let token = Token::generate().map_err(NbDockError::NoToken)?;
    ScriptInput::new(REMOTE_SCRIPT, &request.arguments(), &token.secret())
}

/// Returns the command that prints such an input.
fn printed_by(request: &RemoteRequest) -> Command {
    let command = Command::new("nb-dock").arg("--script").args(request.tcp.then_some("--tcp"));
    let given = std::env::args_os().skip(1).filter(|word| word != "--tcp");
    command.args(given)
}

impl RemoteJupyter<'_> {
    /// Returns the ports of this machine that lead to the dock; `None` under a dry run.
    pub(super) fn ports(&self) -> Option<SessionPorts<'_>> {
        let (engine, runner) = (self.engine, self.runner);
        self.control.as_ref().map(|control| SessionPorts { engine, control, runner })
    }

    /// Runs the script. Returns the servers that it reports; none under a dry run.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or with the reason that the script reports.
    pub(super) fn call(&self, request: &RemoteRequest) -> Result<Vec<RemoteServer>> {
        let (input, printed_by) = (input(request)?, printed_by(request));
        let output = self.engine.run_script(input, printed_by, self.control.as_ref(), self.runner)?;
        if self.runner.is_dry_run() {
            return Ok(Vec::new());
        }
        let dock = self.engine.moniker().to_string();
        Ok(RemoteServer::parse_list(&output).map_err(|source| match source {
            RemoteError::NoJupyter(_) => NbDockError::NoJupyter { dock, source },
            _ => NbDockError::Remote { dock, source },
        })?)
    }

    /// Starts Jupyter, or finds the one that runs; installs it first if it is wanted and missing. `None` under a dry run.
    ///
    /// # Errors
    /// Fails as [`call`](Self::call) does, or if the installation fails.
    pub(super) fn start(&self, request: &RemoteRequest, installs: bool) -> Result<Option<RemoteServer>> {
        let servers = match self.call(request) {
            Err(crate::Error::Failure(error))
                if installs && matches!(error.downcast_ref(), Some(NbDockError::NoJupyter { .. })) =>
            {
                self.engine.run_shown(INSTALL, self.control.as_ref(), self.runner)?;
                self.call(request)?
            }
            servers => servers?,
        };
        Ok(servers.into_iter().next())
    }
}
