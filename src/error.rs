//! What ends a command early: one sentence each, with the remedy, and the exit status.

use std::error::Error as StdError;
use std::iter;
use std::time::Duration;

use dockerutils_command as command;
use dockerutils_dock::session;

use crate::commands::publish_image::error::PublishError;
use crate::commands::transfer_image::error::TransferError;
use crate::ui::StdoutError;

/// The result of a command.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// What ends a command early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments are not of the command's form.
    #[error("{0}")]
    Usage(String),
    /// Something about the project or its configuration.
    #[error("{0}")]
    Project(#[from] dockerutils_project::Error),
    /// A command line for docker could not be made.
    #[error("{0}")]
    Docker(#[from] dockerutils_docker::Error),
    /// The version file could not be made.
    #[error("{0}")]
    Version(#[from] dockerutils_version::Error),
    /// Signals cannot be made to wait for us.
    #[error("signals cannot be watched: {0}")]
    Signals(std::io::Error),
    /// There is no version to tell.
    #[error(
        "this project does not use versioneer: setup.cfg has no [versioneer], pyproject.toml no [tool.versioneer]"
    )]
    NoVersioneer,
    /// An operation on docks failed.
    #[error("{0}")]
    Dock(#[from] dockerutils_dock::Error),
    /// The check of a dock found a fault.
    #[error("{0} (nothing was changed; --no-check registers it all the same)")]
    NotRegistered(String),
    /// No dock was specified, and the terminal is not docked.
    #[error("specify a dock (ls-dock lists them): this terminal is not docked")]
    NotDocked,
    /// The terminal is docked to another dock.
    #[error("this terminal is docked to {0}: `castoff` first")]
    Docked(String),
    /// A terminal is docked to the dock.
    #[error(
        "{dock} is in use: `castoff` in the terminals that are docked to it first (shells and commands by process id: {})",
        pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    )]
    InUse {
        /// The dock's moniker.
        dock: String,
        /// The processes that hold its session.
        pids: Vec<u32>,
    },
    /// A session with a dock could not be opened, used or closed.
    #[error("{0}")]
    Session(#[from] session::Error),
    /// The project could not be synchronized with its workspace.
    #[error("{0}")]
    Sync(#[from] dockerutils_sync::Error),
    /// No local port is free for the port of a dock.
    #[error("no port is free on this machine: {0}")]
    NoPort(std::io::Error),
    /// Some records are broken; each has been reported.
    #[error("broken records are not listed")]
    BrokenRecords,
    /// A command for a dock could not be built, or a folder for sockets cannot be used.
    #[error("{0}")]
    Ssh(#[from] dockerutils_ssh::Error),
    /// The engine was asked, and has not answered.
    #[error(
        "docker has not answered in {} s: `docker info` shows whether its engine does, and the network where it is far",
        .0.as_secs()
    )]
    EngineSilent(Duration),
    /// The engine does not have an image.
    #[error("docker has no image {name}{}", remedy.iter().map(|remedy| format!(": {remedy}")).collect::<String>())]
    NotBuilt {
        /// What docker would call it.
        name: String,
        /// The command that brings it here, as a clause.
        remedy: Option<String>,
    },
    /// Images could not be transferred.
    #[error("{0}")]
    Transfer(#[from] TransferError),
    /// A host cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// A registry did not do its part; docker has said so, and this is what to do.
    #[error("{remedy}")]
    Registry {
        /// What to do.
        remedy: String,
        /// How docker ended.
        source: command::Error,
    },
    /// Images could not be published, or the result could not be printed.
    #[error("{0}")]
    Publish(#[from] PublishError),
    /// A script of the configuration failed.
    #[error("{place}: `{key}` {source}")]
    Script {
        /// The key that names it.
        key: String,
        /// Where the key stands.
        place: dockerutils_config::Place,
        /// How it failed.
        source: command::Error,
    },
    /// Standard output cannot be written to.
    #[error("{0}")]
    Stdout(#[from] StdoutError),
    /// An external command did not do its work.
    #[error("{0}")]
    Command(#[from] command::Error),
}

impl Error {
    /// Returns the message to print; `None` if a child process has failed and has printed its own.
    pub(crate) fn message(&self) -> Option<String> {
        let message = self.to_string();
        let Some(child) = self.child_error() else { return Some(message) };
        // Wrappers that add nothing display as the error that they wrap.
        let is_wrapper = message == child.to_string();
        match child {
            // The user has stopped the command and knows it.
            command::Error::Interrupted { .. } => None,
            command::Error::Failed { .. } if is_wrapper => None,
            command::Error::NotFound { program } if is_wrapper => {
                Some(how_to_install(program).unwrap_or(message))
            }
            _ => Some(message),
        }
    }

    /// Returns the exit status: 2 for a usage error, the status of the child process that failed, else 1.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Error::Usage(_) => 2,
            _ => self.child_error().map_or(1, command::Error::code),
        }
    }

    /// Finds the failure of a child process among this error and its sources.
    pub(crate) fn child_error(&self) -> Option<&command::Error> {
        let first: &(dyn StdError + 'static) = self;
        iter::successors(Some(first), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }
}

fn how_to_install(program: &str) -> Option<String> {
    match program {
        "docker" => Some(
            "docker is not installed: get it with `sudo apt-get install docker.io`, or follow \
             https://docs.docker.com/engine/install/"
                .to_owned(),
        ),
        "rsync" => Some("rsync is not installed: get it with `sudo apt-get install rsync`".to_owned()),
        _ => None,
    }
}
