//! How a container gets the extension that makes copies of saved notebooks.

use std::path::PathBuf;

use dockerutils_command::Runner;
use dockerutils_docker::{Container, InspectedImage, is_snap};
use dockerutils_notebook::save_copies;
use dockerutils_project::{Project, Workspace};

use crate::dock_context::DockedEngine;
use crate::{Result, ui};

/// Where the extension is mounted.
const TARGET: &str = "/opt/dockerutils-jupyter";

/// The folder of the extension.
pub(super) struct SavedCopies {
    local: PathBuf,
    /// Where it is on the engine's machine.
    folder: String,
}

impl SavedCopies {
    /// Returns the folder if the environment requests copies.
    pub(super) fn requested(workspace: Option<&Workspace>) -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        if !save_copies::are_requested(variable) {
            return None;
        }
        // On a dock it is not docker that reads the folder here.
        let local = save_copies::local_folder(variable, workspace.is_some() || !is_snap())?;
        let folder = match workspace {
            Some(workspace) => format!("{}/.dockerutils/{}", workspace.user_folder(), save_copies::FOLDER),
            None => local.to_string_lossy().into_owned(),
        };
        Some(SavedCopies { local, folder })
    }

    /// Writes the folder, and sends it to the dock. Returns whether it is there; otherwise a warning is printed, and the
    /// notebook runs without copies.
    ///
    /// # Errors
    /// Fails if a signal interrupted us.
    pub(super) fn prepare(
        &self,
        dock: Option<&DockedEngine>,
        project: &Project,
        runner: &Runner,
    ) -> Result<bool> {
        if !runner.is_dry_run()
            && let Err(error) = save_copies::write(&self.local)
        {
            ui::warn(format_args!(
                "no copies of saved notebooks are made: {}: {error}",
                self.local.display()
            ));
            return Ok(false);
        }
        let Some(engine) = dock else { return Ok(true) };
        match engine.send_folder(project, &self.local, &self.folder, runner) {
            Ok(()) => Ok(true),
            Err(error) => {
                runner.check_interrupted()?;
                let reason = error.message().unwrap_or_else(|| error.to_string());
                ui::warn(format_args!("no copies of saved notebooks are made: {reason}"));
                Ok(false)
            }
        }
    }

    /// Returns the flag that mounts the folder.
    pub(super) fn mount(&self) -> [String; 2] {
        ["-v".to_owned(), format!("{}:{TARGET}:ro", self.folder)]
    }

    /// Returns the variables that lead Jupyter to the folder, first of all to the one that is configured or that of the image.
    pub(super) fn variables(configured: &Container, image: Option<&InspectedImage>) -> [String; 2] {
        let name = save_copies::CONFIG_PATH;
        let words = configured.command.arguments();
        let own = words.iter().rev().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let own = own.or_else(|| image?.variable(name)).filter(|path| !path.is_empty());
        let path = own.map_or_else(|| TARGET.to_owned(), |own| format!("{TARGET}:{own}"));
        [format!("{name}={path}"), format!("{}=1", save_copies::REQUEST)]
    }
}
