//! The engine of a registered dock, which docker uses in a docked terminal.

use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_dock::session;
use dockerutils_dock::{Dock, Docks, Moniker};
use dockerutils_project::{Project, Workspace};
use dockerutils_ssh::ControlSocket;
use dockerutils_sync::{ProjectSync, send_folder};

use super::workspace::{join_and_sync_with, workspace_on};
use super::{diagnose_ssh_failure, waiting_for_dock};
use crate::{Result, ui};

/// The dock whose engine docker uses.
#[derive(Debug)]
pub(crate) struct DockedEngine {
    pub(super) docks: Docks,
    pub(super) dock: Dock,
    docker_host: String,
}

impl DockedEngine {
    pub(super) fn new(docks: Docks, dock: Dock, docker_host: String) -> Self {
        DockedEngine { docks, dock, docker_host }
    }

    /// Returns the dock's moniker, for messages.
    pub(crate) fn moniker(&self) -> &Moniker {
        &self.dock.moniker
    }

    /// Returns the dock's address.
    pub(crate) fn address(&self) -> &str {
        self.dock.address.as_str()
    }

    /// Returns the Jupyter on the dock that its record names.
    pub(crate) fn jupyter(&self) -> Option<String> {
        self.dock.jupyter.as_ref().map(|path| path.as_str().to_owned())
    }

    /// Returns the workspace of a project on the dock.
    ///
    /// # Errors
    /// Fails if its name is not valid.
    pub(crate) fn workspace(&self, project: &Project) -> Result<Workspace> {
        workspace_on(&self.docks, &self.dock, project, None)
    }

    /// Returns the sync of a project with its workspace on the dock.
    ///
    /// # Errors
    /// Fails as [`join_and_sync_with`] does.
    pub(crate) fn sync(&self, project: &Project, runner: &Runner) -> Result<ProjectSync> {
        join_and_sync_with(&self.docks, &self.dock, project, None, runner)
    }

    /// Sends a folder to one of the dock, which is created.
    ///
    /// # Errors
    /// Fails as [`sync`](Self::sync) does, and if rsync fails.
    pub(crate) fn send_folder(
        &self,
        project: &Project,
        folder: &Path,
        remote: &str,
        runner: &Runner,
    ) -> Result {
        let sync = self.sync(project, runner)?;
        self.waiting(runner, || send_folder(&sync.target, folder, remote, runner))
    }

    /// Does something with the dock, and reports if that takes long. If ssh fails, the error has the reason.
    ///
    /// # Errors
    /// Fails if `call` does.
    pub(crate) fn waiting<T>(
        &self,
        runner: &Runner,
        call: impl FnOnce() -> std::result::Result<T, dockerutils_sync::Error>,
    ) -> Result<T> {
        waiting_for_dock(&self.dock, call)
            .map_err(|error| diagnose_ssh_failure(&self.docks, &self.dock, error.into(), runner))
    }

    /// Returns whether DOCKER_HOST leads to the engine through the dock's session.
    ///
    /// # Errors
    /// Fails if other users can use the session's folder.
    pub(crate) fn has_session(&self) -> Result<bool> {
        Ok(session::is_session_endpoint(
            &self.docks,
            &self.dock,
            &self.docker_host,
            session::is_docked_by_us(),
        )?)
    }

    /// Opens the connection of the dock's session again if it was lost, and returns it. It stays open until this process
    /// ends.
    ///
    /// If DOCKER_HOST was set by hand, nothing is opened, and the connection is one that another terminal has opened, or
    /// `None`. A dry run opens nothing, and returns the connection that would be opened.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or if other users can use the session's folder.
    pub(crate) fn ensure_session(&self, runner: &Runner) -> Result<Option<ControlSocket>> {
        let _waiting = ui::waiting_for(&self.dock.moniker);
        Ok(session::ensure_session(&self.docks, &self.dock, &self.docker_host, runner)?)
    }
}
