//! A script that runs on a dock, with a secret on its standard input.

use std::env;

use dockerutils_command::{Command, Runner};
use dockerutils_dock::Docks;
use dockerutils_dock::session::{self, Session, allowed_forwards, close_session, ssh_via_session};
use dockerutils_project::Project;
use dockerutils_ssh::{ControlSocket, RUN_INPUT, portable_script, script_input};
use secrecy::{ExposeSecret, SecretString};

use super::query::{MARK, after_mark};
use super::{DockedEngine, accept_host_key, diagnose_ssh_failure, resolve_dock, sync_up};
use crate::{Result, ui};

/// What the shell on a dock reads: a script with its arguments, and a line for it that is a secret.
pub(crate) struct ScriptInput(SecretString);

impl ScriptInput {
    /// Prepares a script.
    ///
    /// # Errors
    /// Fails if an argument contains a NUL character.
    pub(crate) fn new(script: &str, arguments: &[String], line: &SecretString) -> Result<Self> {
        let input = script_input(&format!("echo {MARK}\n{script}"), arguments)?;
        Ok(ScriptInput(format!("{input}{}\n", line.expose_secret()).into()))
    }

    /// Prints it on standard output, for the shell on the dock.
    ///
    /// # Errors
    /// Fails if standard output cannot be written to.
    pub(crate) fn print(&self) -> Result {
        Ok(ui::print_line(self.0.expose_secret().trim_end())?)
    }
}

impl DockedEngine {
    /// Returns the dock with this name, or that of the terminal, whatever engine docker uses.
    ///
    /// # Errors
    /// Fails as [`resolve_dock`] does.
    pub(crate) fn named(name: Option<&str>) -> Result<Self> {
        let docks = Docks::of_current_user()?;
        let dock = resolve_dock(&docks, name)?;
        Ok(DockedEngine::new(docks, dock, env::var("DOCKER_HOST").unwrap_or_default()))
    }

    /// Returns the connection of the dock's session, which is opened if it is not open; docker is not needed there. It stays
    /// open until this process ends. `None` under a dry run.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached.
    pub(crate) fn open_connection(&self, runner: &Runner) -> Result<Option<ControlSocket>> {
        if let Some(session) = session::join_session(&self.docks, &self.dock, runner)? {
            return Ok(Some(session.control()));
        }
        accept_host_key(&self.docks, &self.dock, runner)?;
        let _waiting = ui::waiting_for(&self.dock.moniker);
        session::open_connection(&self.docks, &self.dock, std::process::id(), runner)?;
        Ok(self.session()?.map(|session| session.control()))
    }

    /// Returns the dock's session.
    ///
    /// # Errors
    /// Fails if other users can use its folder.
    pub(crate) fn session(&self) -> Result<Option<Session>> {
        Ok(Session::find(&self.docks, &self.dock)?)
    }

    /// Ends the use of the session by this process. It is closed if nothing else holds it.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be read or removed.
    pub(crate) fn leave_session(&self, runner: &Runner) -> Result {
        match self.session()? {
            Some(session) => Ok(close_session(&session, std::process::id(), runner)?),
            None => Ok(()),
        }
    }

    /// Runs a script on the dock and returns what it prints. `printed_by` prints the same input.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached; the error names the reason.
    pub(crate) fn run_script(
        &self,
        input: ScriptInput,
        printed_by: Command,
        control: Option<&ControlSocket>,
        runner: &Runner,
    ) -> Result<Vec<u8>> {
        let ssh = self.ssh(control).arg(RUN_INPUT).secret_input(input.0, printed_by);
        let _waiting = ui::waiting_for(&self.dock.moniker);
        let output = runner
            .capture(&ssh)
            .map_err(|error| diagnose_ssh_failure(&self.docks, &self.dock, error.into(), runner))?;
        Ok(after_mark(&output).unwrap_or_default().to_vec())
    }

    /// Runs a short script on the dock, whose output the user sees.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or if the script fails.
    pub(crate) fn run_shown(&self, script: &str, control: Option<&ControlSocket>, runner: &Runner) -> Result {
        Ok(runner.run_stdout_to_stderr(&self.ssh(control).arg(portable_script(script, [])?))?)
    }

    /// Returns whether sshd on the dock lets a port there be reached through ssh.
    ///
    /// # Errors
    /// Fails if ssh is not installed, or if a signal interrupted us.
    pub(crate) fn allows_forward(&self, target: &str, runner: &Runner) -> Result<bool> {
        Ok(!allowed_forwards(&self.docks, &self.dock, &[target.to_owned()], runner)?.contains(&false))
    }

    /// Sends a project to its workspace on the dock, as before a container runs there.
    ///
    /// # Errors
    /// Fails as [`sync_up`] does.
    pub(crate) fn sync_up(
        &self,
        project: &Project,
        control: Option<&ControlSocket>,
        runner: &Runner,
    ) -> Result {
        sync_up(&self.docks, &self.dock, project, control, runner)
    }

    fn ssh(&self, control: Option<&ControlSocket>) -> Command {
        ssh_via_session(&self.docks, &self.dock, control).arg("--").arg(self.dock.destination())
    }
}
