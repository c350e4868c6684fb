//! What can go wrong with a target: one sentence each, with what to do.

use std::io;

use dockerutils_command::Ended;

use dockerutils_oci::Digest;

/// Why a target did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// ssh could not be started, or we were told to stop.
    #[error(transparent)]
    Command(#[from] dockerutils_command::Error),
    /// ssh did not get there, or what it ran there failed; its words tell why.
    #[error("{target} could not be asked: {}", last_words(stderr))]
    Ssh {
        /// What the user calls the target.
        target: String,
        /// The exit status, 255 for ssh's own; none where a signal ended it.
        status: Option<i32>,
        /// What it wrote to standard error.
        stderr: Vec<u8>,
    },
    /// What a script there answers is not what it should.
    #[error("what {target} answers cannot be read: {source}")]
    Garbled {
        /// What the user calls the target.
        target: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// There is no docker.
    #[error(
        "there is no docker on {target}: install it there (`sudo apt-get install docker.io`), on the PATH of shells that are not interactive"
    )]
    NoDocker {
        /// What the user calls the target.
        target: String,
    },
    /// Its user may use docker neither as such nor through sudo.
    #[error(
        "you may not use docker on {target}: run there `sudo usermod -aG docker USER` for the user that you log in as"
    )]
    NotAllowed {
        /// What the user calls the target.
        target: String,
    },
    /// Its user may use docker through sudo only, and that asks for a password.
    #[error(
        "docker on {target} is for sudo, which asks for a password there: run there `sudo usermod -aG docker USER` for the user that you log in as, or allow sudo docker without a password"
    )]
    SudoAsks {
        /// What the user calls the target.
        target: String,
    },
    /// Docker's engine does not answer.
    #[error("docker on {target} does not answer: {words}")]
    Engine {
        /// What the user calls the target.
        target: String,
        /// What docker says of it.
        words: String,
    },
    /// Its disk is full.
    #[error(
        "no space is left for the image on {target}: free some there, and transfer it again; what has arrived stays, unless you remove it, and is not sent again"
    )]
    DiskFull {
        /// What the user calls the target.
        target: String,
    },
    /// Docker there did not load what it was sent.
    #[error("docker on {target} could not load the image: {words}")]
    NotLoaded {
        /// What the user calls the target.
        target: String,
        /// What docker says of it.
        words: String,
    },
    /// The connection broke, or was closed there.
    #[error(
        "the connection to {target} was lost after {sent} bytes: {words}; what has arrived stays, and the next transfer goes on from it"
    )]
    Lost {
        /// What the user calls the target.
        target: String,
        /// The bytes that were handed to ssh.
        sent: u64,
        /// What ssh says of it.
        words: String,
    },
    /// After loading, an image is not there, or is another one than was sent, or what it stands on is gone.
    #[error("after the transfer {target} does not have the image {image} as it should be")]
    NotProved {
        /// What the user calls the target.
        target: String,
        /// The ID there.
        image: Digest,
    },
    /// What was to be sent could not be made ready.
    #[error("the image could not be sent: {0}")]
    Sending(io::Error),
    /// An image there could not be given its name.
    #[error("docker on {target} could not name the image: {words}")]
    NotNamed {
        /// What the user calls the target.
        target: String,
        /// What docker says of it, after the name.
        words: String,
    },
    /// A word for the target holds a NUL character.
    #[error("a name holds a NUL character")]
    Nul,
    /// There is no place for ssh's socket.
    #[error("no folder could be made for ssh's socket: {0}")]
    Folder(io::Error),
}

impl Error {
    /// Of a session that failed without an answer of ours.
    pub(super) fn of_ssh(target: &str, ended: &Ended) -> Self {
        Error::Ssh { target: target.to_owned(), status: ended.status.code(), stderr: ended.stderr.clone() }
    }

    /// What docker says when it does not load.
    pub(super) fn of_load(target: &str, words: &str) -> Self {
        let target = target.to_owned();
        let lower = words.to_lowercase();
        let gone = [
            "cannot connect to the docker daemon",
            "error during connect",
            "connection reset",
            "failed to connect to the docker api",
        ];
        if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
            Error::DiskFull { target }
        } else if gone.iter().any(|gone| lower.contains(gone)) {
            Error::Engine { target, words: last_words(words.as_bytes()) }
        } else {
            Error::NotLoaded { target, words: last_words(words.as_bytes()) }
        }
    }
}

/// The last line that is not empty, without what could steer a terminal.
pub(super) fn last_words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it gave no reason");
    line.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_says_why_it_does_not_load() {
        let of = |words| Error::of_load("gpu1", words);
        assert!(matches!(of("write /var/lib/docker/tmp/x: no space left on device"), Error::DiskFull { .. }));
        assert!(matches!(of("error during connect: Post \"http://%2Frun\": EOF"), Error::Engine { .. }));
        let Error::NotLoaded { words, .. } = of("warning\n\nunexpected \x1b[2JEOF\n") else {
            panic!("not loaded")
        };
        assert_eq!(words, "unexpected [2JEOF");
    }
}
