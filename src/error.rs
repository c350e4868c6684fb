//! The errors that end a command: their messages, which are one sentence with the remedy, and the exit status.

use std::error::Error as StdError;
use std::iter;

use dockerutils_command as command;
use dockerutils_dock::session;

use crate::commands::build_image::error::ScriptError;
use crate::commands::publish_image::error::PublishError;
use crate::commands::transfer_image::error::TransferError;
use crate::dock_context::DockContextError;
use crate::docker_calls::DockerCallError;
use crate::ui::StdoutError;

/// The result of a command, or of a part of one.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// An error that ends a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments do not match the command's form.
    #[error("{0}")]
    Usage(String),
    /// The project or its configuration is not valid.
    #[error("{0}")]
    Project(#[from] dockerutils_project::Error),
    /// A command line for docker could not be built.
    #[error("{0}")]
    Docker(#[from] dockerutils_docker::Error),
    /// The version file could not be written.
    #[error("{0}")]
    Version(#[from] dockerutils_version::Error),
    /// An operation on docks failed.
    #[error("{0}")]
    Dock(#[from] dockerutils_dock::Error),
    /// A session with a dock could not be opened, used or closed.
    #[error("{0}")]
    Session(#[from] session::Error),
    /// The project could not be synchronized with its workspace.
    #[error("{0}")]
    Sync(#[from] dockerutils_sync::Error),
    /// A command for a dock could not be built, or a folder for sockets cannot be used.
    #[error("{0}")]
    Ssh(#[from] dockerutils_ssh::Error),
    /// Images could not be transferred.
    #[error("{0}")]
    Transfer(#[from] TransferError),
    /// Images could not be published, or the result could not be printed.
    #[error("{0}")]
    Publish(#[from] PublishError),
    /// The state of the terminal or of its dock does not allow what the command does.
    #[error("{0}")]
    DockContext(#[from] DockContextError),
    /// A call of docker did not have the expected result.
    #[error("{0}")]
    DockerCall(#[from] DockerCallError),
    /// A script of the configuration failed.
    #[error("{0}")]
    Script(#[from] ScriptError),
    /// Standard output cannot be written to.
    #[error("{0}")]
    Stdout(#[from] StdoutError),
    /// An external command could not be started, or failed.
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    fn failed(status: i32) -> command::Error {
        let status = ExitStatus::from_raw(status << 8);
        command::Error::Failed { program: "docker".to_owned(), status }
    }

    #[test]
    fn the_exit_status_is_that_of_the_child_however_deep_its_error_is_wrapped() {
        let registry = DockerCallError::Registry { remedy: "log in".to_owned(), source: failed(5) };
        let errors = [
            Error::from(failed(3)),
            dockerutils_sync::Error::from(failed(3)).into(),
            session::Error::from(failed(3)).into(),
            TransferError::from(dockerutils_transfer::Error::from(failed(3))).into(),
            TransferError::from(dockerutils_transfer::Error::from(
                dockerutils_transfer::remote::Error::from(failed(3)),
            ))
            .into(),
        ];
        for error in errors {
            assert_eq!((error.exit_status(), error.message()), (3, None), "{error:?}");
        }
        let error = Error::from(registry);
        assert_eq!((error.exit_status(), error.message().as_deref()), (5, Some("log in")));
    }

    #[test]
    fn without_a_child_the_exit_status_is_2_for_usage_and_1_for_anything_else() {
        assert_eq!(Error::Usage("-i names one image".to_owned()).exit_status(), 2);
        assert_eq!(Error::from(DockContextError::NotDocked).exit_status(), 1);
        assert_eq!(Error::from(StdoutError(io::ErrorKind::StorageFull.into())).exit_status(), 1);
    }

    #[test]
    fn a_program_that_is_not_installed_has_a_remedy() {
        let error = Error::from(command::Error::NotFound { program: "rsync".to_owned() });
        assert!(error.message().is_some_and(|message| message.contains("apt-get install rsync")));
    }
}
