//! Why a dock does not answer, or docker on it: ssh's words and docker's, told apart.

use std::path::Path;

use crate::Dock;

/// What keeps docker on a dock from answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Its name cannot be looked up.
    UnknownHost,
    /// No route, or no answer in time.
    NoAnswer,
    /// Nothing listens on ssh's port.
    Refused,
    /// Something listens, and closes the connection at once.
    Closed,
    /// Its host key is not the one it had.
    HostKeyChanged,
    /// The host key of a host on the way is not known, or not the one it had.
    HostKeyOnTheWay,
    /// It accepts none of our keys.
    KeyRefused,
    /// There is no docker for a shell that is not interactive.
    NoDocker,
    /// The user may not use docker.
    NotInDockerGroup,
    /// Docker's engine does not run.
    EngineDown,
    /// Something else: the last that was said of it.
    Other(String),
}

/// What ssh says on standard error, with status 255.
const SSH: [(&str, Trouble); 11] = [
    ("Could not resolve hostname", Trouble::UnknownHost),
    ("Permission denied (", Trouble::KeyRefused),
    ("Too many authentication failures", Trouble::KeyRefused),
    ("Connection refused", Trouble::Refused),
    ("timed out", Trouble::NoAnswer),
    ("No route to host", Trouble::NoAnswer),
    ("Network is unreachable", Trouble::NoAnswer),
    ("Host key verification failed", Trouble::HostKeyOnTheWay),
    ("Connection closed by", Trouble::Closed),
    ("Connection reset by", Trouble::Closed),
    ("closed by remote host", Trouble::Closed),
];

/// What docker says on standard error, with a status of its own.
const DOCKER: [(&str, Trouble); 3] = [
    ("permission denied while trying to connect to the docker", Trouble::NotInDockerGroup),
    ("cannot connect to the docker daemon", Trouble::EngineDown),
    ("failed to connect to the docker api", Trouble::EngineDown),
];

impl Trouble {
    /// What a status other than 0 of `ssh … docker version` means; none is a signal's.
    ///
    /// `known_hosts` is the dock's own file: a key that stands elsewhere is that of a host on the way.
    pub fn of(status: Option<i32>, stderr: &[u8], known_hosts: &Path) -> Self {
        let text = String::from_utf8_lossy(stderr);
        let known = match status {
            Some(255) if text.contains("HOST IDENTIFICATION HAS CHANGED") => {
                Some(Self::of_changed_key(&text, known_hosts))
            }
            Some(255) => find(&SSH, &text),
            Some(126 | 127) => Some(Trouble::NoDocker),
            _ => find(&DOCKER, &text.to_lowercase()),
        };
        known.unwrap_or_else(|| Trouble::Other(last_words(&text)))
    }

    fn of_changed_key(text: &str, known_hosts: &Path) -> Self {
        if text.contains(&*known_hosts.to_string_lossy()) {
            Trouble::HostKeyChanged
        } else {
            Trouble::HostKeyOnTheWay
        }
    }

    /// Its name, in lower case with blanks.
    pub fn name(&self) -> &'static str {
        match self {
            Trouble::UnknownHost => "unknown host",
            Trouble::NoAnswer => "no answer",
            Trouble::Refused => "refused",
            Trouble::Closed => "closed",
            Trouble::HostKeyChanged => "host key changed",
            Trouble::HostKeyOnTheWay => "jump host key unknown",
            Trouble::KeyRefused => "key refused",
            Trouble::NoDocker => "no docker",
            Trouble::NotInDockerGroup => "not in docker group",
            Trouble::EngineDown => "engine down",
            Trouble::Other(_) => "error",
        }
    }

    /// What it means for this dock and what to do about it, in one sentence.
    pub fn sentence(&self, dock: &Dock) -> String {
        let sentence = self.about(dock);
        match &dock.jump {
            Some(jump) if self.is_of_the_way() => {
                format!("{sentence}; it may be {jump}, on the way there, as well")
            }
            _ => sentence,
        }
    }

    /// Whether a jump host may be what ssh speaks of.
    fn is_of_the_way(&self) -> bool {
        matches!(
            self,
            Trouble::UnknownHost
                | Trouble::NoAnswer
                | Trouble::Refused
                | Trouble::Closed
                | Trouble::KeyRefused
        )
    }

    fn about(&self, dock: &Dock) -> String {
        let Dock { address, user, .. } = dock;
        match self {
            Trouble::UnknownHost => {
                format!("the name {address} cannot be looked up: check its spelling, and your network or VPN")
            }
            Trouble::NoAnswer => format!(
                "{address} does not answer: check that it is switched on, and your network, VPN and its firewall"
            ),
            Trouble::Refused => format!(
                "{address} refuses the connection: start sshd there, or say with -p on which port it listens"
            ),
            Trouble::Closed => format!(
                "{address} closes the connection at once: it is starting, or has too many (sshd's MaxStartups); try again"
            ),
            Trouble::HostKeyChanged => format!(
                "the host key of {address} has changed: if you know why (a new machine at this address), \
                 `unregister-dock {address}` and register it again; if not, somebody may be in between"
            ),
            Trouble::HostKeyOnTheWay => format!(
                "the host key of a host on the way to {address} is unknown or has changed: `ssh` to that host first"
            ),
            Trouble::KeyRefused => format!(
                "{address} accepts no key of yours for {user}: check -u USER and -i IDENTITY, and load a key \
                 that has a passphrase with `ssh-add`"
            ),
            Trouble::NoDocker => format!(
                "there is no docker for {user} on {address}: install it there (`sudo apt-get install docker.io`), \
                 on the PATH of shells that are not interactive"
            ),
            Trouble::NotInDockerGroup => {
                format!("{user} may not use docker on {address}: run there `sudo usermod -aG docker {user}`")
            }
            Trouble::EngineDown => {
                format!("docker does not run on {address}: start it there with `sudo systemctl start docker`")
            }
            Trouble::Other(words) => format!("{address} could not be asked: {words}"),
        }
    }
}

fn find(known: &[(&str, Trouble)], text: &str) -> Option<Trouble> {
    known.iter().find(|(words, _)| text.contains(words)).map(|(_, trouble)| trouble.clone())
}

/// The last line that is not empty, without what could steer a terminal.
fn last_words(text: &str) -> String {
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it gave no reason");
    line.chars().filter(|c| !c.is_control()).collect()
}
