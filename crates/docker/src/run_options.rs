//! The settings of the command line for `docker run`.

use dockerutils_project::Workspace;

use crate::debug_shell::DebugShell;
use crate::gpu::Gpus;
use crate::ports::PortMapping;

/// The settings of the command line, which take precedence over the configuration. They are used as they are: the user's
/// shell has replaced variables already.
#[derive(Debug, Default)]
pub struct RunOptions<'a> {
    /// Flags that come before those of the configuration, which take precedence over them.
    pub defaults: Vec<String>,
    /// Whether to keep the container after it has ended, and to run it in the background.
    pub keep: bool,
    /// Whether to leave it to the caller to remove the container, if it succeeds.
    pub keep_failed: bool,
    /// The command to run in the container.
    pub command: Option<Vec<String>>,
    /// A shell in place of the entrypoint and the command, on this terminal and without published ports.
    pub shell: Option<&'a DebugShell>,
    /// The network to connect to.
    pub network: Option<&'a str>,
    /// `NAME=VALUE` or `NAME` each.
    pub environment: &'a [String],
    /// Further flags.
    pub flags: Vec<String>,
    /// Whether to run with GPUs.
    pub use_gpu: bool,
    /// The GPUs to run with.
    pub gpus: Option<&'a Gpus>,
    /// Whether standard input and standard output are a terminal.
    pub has_terminal: bool,
    /// The tag of the image, if the command line has one.
    pub tag: Option<&'a str>,
    /// How to publish a port of the container, in place of every other flag that publishes it.
    pub published: Option<&'a PortMapping>,
    /// The copy of the project on the engine's machine, if that is another machine.
    pub workspace: Option<Workspace>,
    /// `UID:GID` of the user whom the container's files should belong to with `user=host`, if it is not the calling user.
    pub host_user: Option<String>,
    /// Whether the image sets HOME, which `user=host` then leaves as it is.
    pub keeps_home: bool,
}

impl RunOptions<'_> {
    /// Returns whether docker does not remove the container when it has ended.
    pub(crate) fn keeps_container(&self) -> bool {
        self.keep || self.keep_failed
    }
}
