//! Errors, told in one voice: one sentence each, with what to do.

use dockerutils_command as command;
use dockerutils_dock::session;

/// What a command answers.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// What ends a command early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments are not of the command's form.
    #[error("{0}")]
    Usage(String),
    /// Something about the project or its configuration.
    #[error(transparent)]
    Project(#[from] dockerutils_project::Error),
    /// A command line for docker could not be made.
    #[error(transparent)]
    Docker(#[from] dockerutils_docker::Error),
    /// The version file could not be made.
    #[error(transparent)]
    Version(#[from] dockerutils_version::Error),
    /// Signals cannot be made to wait for us.
    #[error("signals cannot be watched: {0}")]
    Signals(std::io::Error),
    /// There is no version to tell.
    #[error(
        "this project does not use versioneer: setup.cfg has no [versioneer], pyproject.toml no [tool.versioneer]"
    )]
    NoVersioneer,
    /// Something about docks.
    #[error(transparent)]
    Dock(#[from] dockerutils_dock::Error),
    /// A dock does not answer as it should.
    #[error("{0} (nothing was changed; --no-check registers it all the same)")]
    NotRegistered(String),
    /// No dock is named, and the terminal is docked to none.
    #[error("say which dock you mean (ls-dock lists them): this terminal is docked to none")]
    NotDocked,
    /// A terminal is docked to one dock at a time.
    #[error("this terminal is docked to {0}: `castoff` first")]
    Docked(String),
    /// A session with a dock could not be opened or closed.
    #[error(transparent)]
    Session(session::Error),
    /// A project's files could not be sent or brought back.
    #[error(transparent)]
    Sync(dockerutils_sync::Error),
    /// This machine has no port left to open one of a dock's on.
    #[error("no port is free here: {0}")]
    NoPort(std::io::Error),
    /// A record is broken, as has been said.
    #[error("broken records are not listed")]
    BrokenRecords,
    /// There is no folder to keep docks in.
    #[error("your home folder is not known: set HOME")]
    NoHome,
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
    /// An external command did not do its work.
    #[error(transparent)]
    Command(#[from] command::Error),
}

impl From<session::Error> for Error {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::Command(error) => Error::Command(error),
            error => Error::Session(error),
        }
    }
}

impl From<dockerutils_sync::Error> for Error {
    fn from(error: dockerutils_sync::Error) -> Self {
        match error {
            dockerutils_sync::Error::Command(error) => Error::Command(error),
            error => Error::Sync(error),
        }
    }
}

impl Error {
    /// The sentence to say; none where the command that failed has said it itself.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Error::Command(command::Error::Failed { .. } | command::Error::Interrupted { .. })
            | Error::Version(dockerutils_version::Error::Command(command::Error::Interrupted { .. }))
            | Error::Script { source: command::Error::Interrupted { .. }, .. } => None,
            Error::Command(command::Error::NotFound { program }) if program == "docker" => Some(
                "docker is not installed: get it with `sudo apt-get install docker.io`, or as \
                 https://docs.docker.com/engine/install/ says"
                    .to_owned(),
            ),
            Error::Command(command::Error::NotFound { program }) if program == "rsync" => {
                Some("rsync is not installed: get it with `sudo apt-get install rsync`".to_owned())
            }
            other => Some(other.to_string()),
        }
    }

    /// The exit status: 2 for a wrong call, the status of the command that failed, else 1.
    pub fn code(&self) -> u8 {
        match self {
            Error::Usage(_) => 2,
            Error::Command(source)
            | Error::Version(dockerutils_version::Error::Command(source))
            | Error::Script { source, .. } => source.code(),
            _ => 1,
        }
    }
}
