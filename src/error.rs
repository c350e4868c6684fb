//! The error that ends a command: its message, which is one sentence with the remedy, and the exit status.

use std::error::Error as StdError;
use std::fmt;
use std::iter;

use dockerutils_command as command;

use crate::check_hint::{is_known_to_check_dock, with_check_hint};

/// The result of a command, or of a part of one.
pub type Result<T = ()> = std::result::Result<T, Error>;

/// An error that ends a command.
///
/// Errors are typed where they are raised, in the crates and the commands. Here they are boxed: an enum of all of them
/// would make every binary contain the messages of every command. It does not implement [`std::error::Error`], because
/// any such error converts to it.
#[derive(Debug)]
pub enum Error {
    /// The arguments do not match the command's form.
    Usage(String),
    /// The error of a crate or of a command.
    Failure(Box<dyn StdError>),
}

impl<E: StdError + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error::Failure(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(message) => f.write_str(message),
            Error::Failure(error) => error.fmt(f),
        }
    }
}

impl Error {
    /// Returns the message to print; `None` if a child process has failed and has printed its own. It ends with the name of
    /// check-dock if that knows the cause.
    pub(crate) fn message(&self) -> Option<String> {
        match (self.own_message(), self) {
            (Some(message), Error::Failure(error)) if is_known_to_check_dock(&**error) => {
                Some(with_check_hint(message))
            }
            (message, _) => message,
        }
    }

    fn own_message(&self) -> Option<String> {
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
            Error::Failure(_) => self.child_error().map_or(1, command::Error::code),
        }
    }

    /// Finds the failure of a child process among this error and its sources.
    pub(crate) fn child_error(&self) -> Option<&command::Error> {
        let Error::Failure(error) = self else { return None };
        let first: &(dyn StdError + 'static) = &**error;
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
        "ssh" => Some("ssh is not installed: get it with `sudo apt-get install openssh-client`".to_owned()),
        "rsync" => Some("rsync is not installed: get it with `sudo apt-get install rsync`".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use dockerutils_dock::session;

    use super::*;
    use crate::commands::transfer_image::error::TransferError;
    use crate::dock_context::DockContextError;
    use crate::docker_calls::DockerCallError;
    use crate::ui::StdoutError;

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
