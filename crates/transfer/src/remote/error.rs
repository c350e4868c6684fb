//! The errors of the engine of a host.

use std::io;

use dockerutils_command::StreamOutput;
use dockerutils_oci::Digest;
use dockerutils_ssh::{is_ssh_failure, last_line};

/// The result of an operation on a host.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation on a host failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum Error {
    /// ssh could not be started, or the process received a signal to stop.
    #[error("{0}")]
    Command(#[from] dockerutils_command::Error),
    /// ssh could not connect, or the command that it ran on the host failed. `status` is `None` if a
    /// signal ended it.
    #[error("ssh to {host} failed: {}", last_line(stderr))]
    Ssh { host: String, status: Option<i32>, stderr: Vec<u8> },
    /// A script on the host printed something unexpected.
    #[error("the output of {host} cannot be read: {source}")]
    Unreadable { host: String, source: io::Error },
    /// Docker is not installed.
    #[error(
        "docker is not installed on {host}: install it there (`sudo apt-get install docker.io`), on the PATH of non-interactive shells"
    )]
    NoDocker { host: String },
    /// The user may use docker neither directly nor through sudo.
    #[error(
        "permission denied for docker on {host}: run `sudo usermod -aG docker USER` there, for the user that you log in as"
    )]
    PermissionDenied { host: String },
    /// The user may use docker through sudo only, and sudo requires a password.
    #[error(
        "docker on {host} requires sudo, and sudo requires a password there: run `sudo usermod -aG docker USER` there, for the user that you log in as, or allow sudo docker without a password"
    )]
    SudoPassword { host: String },
    /// The engine does not respond.
    #[error("docker on {host} does not respond: {reason}")]
    EngineUnreachable { host: String, reason: String },
    /// The disk of the host is full.
    #[error(
        "no space left on {host} for the image: free some there, and transfer the image again; layers that have arrived are kept until you remove them, and are not sent again"
    )]
    DiskFull { host: String },
    /// Docker did not load an archive.
    #[error("docker on {host} could not load the image: {reason}")]
    LoadFailed { host: String, reason: String },
    /// The connection broke, or the host closed it. `sent` counts the bytes that ssh had accepted.
    #[error(
        "the connection to {host} was lost after {sent} bytes: {reason}; layers that have arrived are kept, and the next transfer sends the rest"
    )]
    Lost { host: String, sent: u64, reason: String },
    /// After loading, the image or an image that it is built on is missing or is another one. `image` is its ID there.
    #[error("verification failed: after the transfer, {host} does not have image {image} as it was sent")]
    VerificationFailed { host: String, image: Digest },
    /// The archive could not be created.
    #[error("the image could not be sent: {0}")]
    Sending(#[source] io::Error),
    /// The image could not be tagged; `reason` starts with the tag.
    #[error("docker on {host} could not tag the image: {reason}")]
    TagFailed { host: String, reason: String },
    /// The folder for ssh's socket cannot be used, or an argument for a script contains a NUL character.
    #[error("{0}")]
    Session(#[from] dockerutils_ssh::Error),
}

impl Error {
    /// Returns the exit status and the standard error of ssh if ssh itself failed, and not a command on the host.
    pub fn ssh_failure(&self) -> Option<(Option<i32>, &[u8])> {
        match self {
            Error::Ssh { status, stderr, .. } if is_ssh_failure(*status) => Some((*status, stderr)),
            _ => None,
        }
    }

    /// Returns whether docker did not load an archive, or does not have an image that it has loaded.
    pub(crate) fn is_of_load(&self) -> bool {
        matches!(self, Error::LoadFailed { .. } | Error::VerificationFailed { .. })
    }

    /// Returns whether something is missing on the host that was there or has arrived.
    pub(crate) fn lacks_content(&self) -> bool {
        match self {
            Error::VerificationFailed { .. } => true,
            Error::LoadFailed { reason, .. } | Error::TagFailed { reason, .. } => is_about_missing(reason),
            _ => false,
        }
    }

    /// Returns the error for a session that failed without output of its script.
    pub(super) fn of_ssh(host: &str, ended: &StreamOutput) -> Self {
        Error::Ssh { host: host.to_owned(), status: ended.status.code(), stderr: ended.stderr.clone() }
    }

    /// Returns the error for unexpected output of a script.
    pub(super) fn unreadable(
        host: &str,
        problem: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = io::Error::new(io::ErrorKind::InvalidData, problem);
        Error::Unreadable { host: host.to_owned(), source }
    }

    /// Returns the error for the output of a `docker load` that failed.
    pub(super) fn of_load(host: &str, output: &str) -> Self {
        let host = host.to_owned();
        // docker load exits with 1 after every error. Only its messages differ, also between versions of docker.
        let lower = output.to_lowercase();
        let is_unreachable = [
            "cannot connect to the docker daemon",
            "error during connect",
            "connection reset",
            "failed to connect to the docker api",
        ]
        .iter()
        .any(|message| lower.contains(message));
        // The two messages of the kernel, for ENOSPC and EDQUOT, reach the client inside of docker's own.
        if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
            Error::DiskFull { host }
        } else if is_unreachable {
            Error::EngineUnreachable { host, reason: last_line(output.as_bytes()) }
        } else {
            // Docker may go on after that error, and print other lines below it.
            let missing = output.lines().rfind(|line| is_about_missing(line));
            Error::LoadFailed { host, reason: last_line(missing.unwrap_or(output).as_bytes()) }
        }
    }
}

/// Returns whether a message of docker is about something that does not exist, in the words of the classic store, of
/// containerd and of the kernel.
fn is_about_missing(message: &str) -> bool {
    let lower = message.to_lowercase();
    ["not found", "does not exist", "no such image", "no such file or directory"]
        .iter()
        .any(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_of_docker_load_becomes_a_specific_error() {
        let error = |output| Error::of_load("gpu1", output);
        let full = error("write /var/lib/docker/tmp/x: no space left on device");
        assert!(matches!(full, Error::DiskFull { .. }));
        let unreachable = error("error during connect: Post \"http://%2Frun\": EOF");
        assert!(matches!(unreachable, Error::EngineUnreachable { .. }));
        let Error::LoadFailed { reason, .. } = error("warning\n\nunexpected \x1b[2JEOF\n") else {
            panic!("not loaded")
        };
        assert_eq!(reason, "unexpected \\x1b[2JEOF");
        let lost = error("failed to get reader: content digest sha256:0: not found\nLoaded image ID: x\n");
        assert!(lost.lacks_content() && lost.to_string().contains("content digest"), "{lost}");
        assert!(!error("archive/tar: invalid tar header").lacks_content());
    }
}
