//! The errors of `debug-image`.

use dockerutils_command as command;

/// Why there is nothing to debug, or no shell to debug with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DebugError {
    /// No container that has ended is left.
    #[error(
        "no container of {what} that has ended is left: docker removes them at once, unless they are run with \
         `run-image --keep-failed` or with keep_failed=True in docker/dockerutils.cfg"
    )]
    NoneLeft { what: String },
    /// The container was removed, or started again, while it was examined.
    #[error("{name} was removed or started again meanwhile: try again")]
    Gone { name: String },
    /// The image has no shell.
    #[error("{image} has no shell: {remedy}")]
    NoShell { image: String, remedy: String, source: command::Error },
    /// The engine's machine has no static busybox that a container could use.
    #[error(
        "the engine's machine has no static busybox: install it there with `sudo apt-get install busybox-static`"
    )]
    NoBusybox,
}
