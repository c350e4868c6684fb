//! Where a container of a project runs: on the local engine, or on that of the dock.

use dockerutils_command::Runner;
use dockerutils_docker::Container;
use dockerutils_project::{Image, Project, Workspace};

use super::{DockContext, DockedEngine, DockedRunOptions};
use crate::Result;
use crate::docker_calls::{check_image, exec_container};

/// The engine of a container, and what its command line has to know about that engine's machine.
pub(crate) struct RunPlace {
    engine: Option<DockedEngine>,
    /// The copy of the project on the dock.
    pub(crate) workspace: Option<Workspace>,
    /// `UID:GID` of the user whom the container's files should belong to with `user=host`, if it is not the calling user.
    pub(crate) owner: Option<String>,
}

impl RunPlace {
    /// Finds out what is needed for a container of this image.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or if the name of the workspace is not valid.
    pub(crate) fn of(
        context: DockContext,
        project: &Project,
        image: &Image,
        runner: &Runner,
    ) -> Result<Self> {
        let engine = context.into_docked_engine();
        // Only on a dock's engine do mounts of the project have to be redirected.
        let workspace = engine.as_ref().map(|engine| engine.workspace(project)).transpose()?;
        let owner = match (&engine, &workspace) {
            // Files in the workspace belong to a user of the dock, whose ids may be others than ours.
            (Some(engine), Some(workspace)) if image.section.run_as_host_user => {
                engine.workspace_owner(workspace, runner)?
            }
            _ => None,
        };
        Ok(RunPlace { engine, workspace, owner })
    }

    /// Returns the dock whose engine runs the container.
    pub(crate) fn dock(&self) -> Option<&DockedEngine> {
        self.engine.as_ref()
    }

    /// Runs a container, and becomes docker if nothing is left to do afterwards.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or if docker fails.
    pub(crate) fn run(
        &self,
        container: &Container,
        project: &Project,
        options: DockedRunOptions,
        runner: &Runner,
    ) -> Result {
        match &self.engine {
            Some(engine) => engine.run(container, project, options, runner),
            None => {
                check_image(runner, container)?;
                exec_container(runner, container)
            }
        }
    }
}
