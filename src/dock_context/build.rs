//! Builds on a dock: the context goes over the network, so its size matters, and whether it is sent once or twice.

use dockerutils_command::Runner;
use dockerutils_project::Project;

use super::DockedEngine;
use crate::commands::build_image::builder_choice;
use crate::{Result, ui};

/// From this size on, the size of the context is reported before it is sent.
const LARGE_CONTEXT: u64 = 100 * 1000 * 1000;

impl DockedEngine {
    /// Prints the size of the context and its largest files, if it is large.
    ///
    /// # Errors
    /// Fails if the ignore file is invalid, or if a file cannot be read.
    pub(crate) fn warn_large_context(&self, project: &Project) -> Result {
        let context = dockerutils_sync::measure_context(project.root())?;
        if context.bytes <= LARGE_CONTEXT {
            return Ok(());
        }
        let largest =
            context.largest.iter().map(|(path, size)| format!("{} ({})", path.display(), megabytes(*size)));
        ui::note(format_args!(
            "the context that is sent to {} has {} in {} files; exclude what is not needed in .dockerignore; the largest: {}",
            self.dock.moniker,
            megabytes(context.bytes),
            context.files,
            largest.collect::<Vec<_>>().join(", ")
        ));
        Ok(())
    }

    /// Returns whether to make docker use BuildKit for an image that takes two builds, and prints that it does.
    ///
    /// # Errors
    /// Fails if a signal interrupted us.
    pub(crate) fn takes_buildkit(&self, runner: &Runner) -> Result<bool> {
        let is_wanted = builder_choice::is_buildkit_wanted(runner)?;
        if is_wanted {
            ui::note(format_args!(
                "DOCKER_BUILDKIT=1 for an image with a stage `builder`: its two builds send the context to {} once, and \
                 docker's legacy builder would send it twice (DOCKER_BUILDKIT=0 keeps that one)",
                self.dock.moniker
            ));
        }
        Ok(is_wanted)
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1000 * 1000))
}
