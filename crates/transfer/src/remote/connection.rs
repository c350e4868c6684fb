//! The one ssh connection to a target, and what is run through it.

use std::io::{BufReader, PipeReader};
use std::path::PathBuf;

use dockerutils_command::{Command, Ended, Pipes, Runner, Streaming};

use super::frame::{self, Frame};
use super::{Error, Result, socket};

/// What the user's own configuration may say otherwise, and what must hold here.
const OPTIONS: [&str; 8] = [
    "ConnectTimeout=15",
    "ControlPersist=no",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "Compression=no",
];

/// Ciphers that the processor computes by itself, where it does.
const CIPHERS: &str = "Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com";

/// Writes its input to a fifo, once that is open; it says so as scripts do.
const LANE: &str = "[ -p \"$1\" ] && exec 3>\"$1\" && printf \"\\ndockerutils-transfer\\n\" && exec cat >&3";

/// How the target is reached.
#[derive(Debug, Clone)]
pub struct Remote {
    /// What the user calls it.
    pub name: String,
    /// ssh with its options and without a destination.
    pub ssh: Command,
    /// What ssh connects to.
    pub destination: String,
    /// Where a connection that is open takes further users; with none, one is opened.
    pub control: Option<PathBuf>,
}

/// Where the connection takes further users.
#[derive(Debug)]
pub(super) enum Control {
    /// Our own, which ssh removes when it ends.
    Ours(PathBuf),
    Open(PathBuf),
}

/// A session whose script has begun to answer.
pub(super) struct Begun {
    pub(super) session: Streaming,
    pub(super) answers: BufReader<PipeReader>,
}

/// A connection, or this machine itself.
#[derive(Debug)]
pub(super) enum Connection {
    Here,
    Ssh { remote: Remote, control: Control },
}

impl Connection {
    pub(super) fn new(remote: Remote) -> Result<Self> {
        let control = match &remote.control {
            Some(control) => Control::Open(control.clone()),
            None => Control::Ours(socket::path().map_err(Error::Folder)?),
        };
        Ok(Connection::Ssh { remote, control })
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Connection::Here => "this machine",
            Connection::Ssh { remote, .. } => &remote.name,
        }
    }

    /// Opens the connection with a first session, and lasts as long as that; an open one gets one session more.
    pub(super) fn open(&self, line: &str) -> Command {
        match self {
            Connection::Ssh { remote, control: control @ Control::Ours(_) } => {
                let ciphers = has_aes().then_some(CIPHERS);
                let options = OPTIONS.into_iter().chain(ciphers).flat_map(|option| ["-o", option]);
                let ssh = remote.ssh.clone().args(["-M", "-S"]).arg(control.socket()).args(options);
                ssh.args(["-T", "--", &remote.destination, line])
            }
            _ => self.session(line),
        }
    }

    /// A further session.
    pub(super) fn session(&self, line: &str) -> Command {
        match self {
            Connection::Here => Command::new("sh").args(["-c", line]),
            Connection::Ssh { remote, control } => {
                let ssh = remote.ssh.clone().args(["-o", "ControlMaster=no", "-S"]).arg(control.socket());
                ssh.args(["-T", "--", &remote.destination, line])
            }
        }
    }

    /// A further session, of the connection itself: where sshd refuses it, ssh would otherwise open another connection.
    pub(super) fn further_session(&self, line: &str) -> Command {
        let Connection::Ssh { remote, control } = self else { return self.session(line) };
        let ssh = Command::new(remote.ssh.program()).args(["-F", "none", "-o", "ProxyCommand=false", "-S"]);
        ssh.arg(control.socket()).args(["-T", "--", "target", line])
    }

    /// A further session in which this script waits for its input; none where the system has no room for it.
    pub(super) fn prepare(&self, text: &str, runner: &Runner) -> Option<Streaming> {
        runner.start(&self.further_session(&script(text, &[]).ok()?), Pipes::Both).ok()
    }

    /// A further session which writes to a fifo there.
    pub(super) fn lane(&self, folder: &str, number: usize) -> Result<Command> {
        Ok(self.further_session(&script(LANE, &[format!("{folder}/{number}")])?))
    }

    /// Runs a script in a session, and answers with its frames.
    pub(super) fn ask(&self, line: &str, runner: &Runner) -> Result<Vec<Frame>> {
        let session = runner.start(&self.session(line), Pipes::Output)?;
        self.answers(session, runner)?.map_err(|ended| Error::of_ssh(self.name(), &ended))
    }

    /// Waits until the script in this session begins to answer, or answers with how the session ended.
    pub(super) fn begun(
        &self,
        mut session: Streaming,
        runner: &Runner,
    ) -> Result<std::result::Result<Begun, Ended>> {
        if let Some(output) = session.take_output() {
            let mut answers = BufReader::new(output);
            match frame::begin(&mut answers) {
                Ok(true) => return Ok(Ok(Begun { session, answers })),
                Ok(false) => {}
                Err(source) => return Err(Error::Garbled { target: self.name().to_owned(), source }),
            }
        }
        let ended = session.wait()?;
        runner.check_interrupted()?;
        Ok(Err(ended))
    }

    /// The frames of a script in this session, or how the session ended where it has failed.
    pub(super) fn answers(
        &self,
        mut session: Streaming,
        runner: &Runner,
    ) -> Result<std::result::Result<Vec<Frame>, Ended>> {
        let frames = read_all(&mut session);
        let ended = session.wait()?;
        runner.check_interrupted()?;
        match frames {
            Ok(Some(frames)) if ended.status.success() => Ok(Ok(frames)),
            Err(source) if ended.status.success() => {
                Err(Error::Garbled { target: self.name().to_owned(), source })
            }
            _ => Ok(Err(ended)),
        }
    }
}

impl Control {
    fn socket(&self) -> PathBuf {
        match self {
            Control::Ours(socket) | Control::Open(socket) => socket.clone(),
        }
    }
}

/// A script and its words as one line for the login shell there, whichever that is.
///
/// # Errors
/// A word holds a NUL character.
pub(super) fn script(text: &str, words: &[String]) -> Result<String> {
    let words = shlex::try_join(words.iter().map(String::as_str)).map_err(|_| Error::Nul)?;
    Ok(format!("exec sh -c '{text}' sh {words}"))
}

fn read_all(session: &mut Streaming) -> std::io::Result<Option<Vec<Frame>>> {
    let Some(output) = session.take_output() else { return Ok(None) };
    let mut answers = BufReader::new(output);
    if !frame::begin(&mut answers)? {
        return Ok(None);
    }
    let mut frames = Vec::new();
    while let Some(frame) = frame::next(&mut answers)? {
        frames.push(frame);
    }
    Ok(Some(frames))
}

/// Whether this processor has instructions for AES.
fn has_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("aes");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(control: Option<&str>) -> Remote {
        let ssh = Command::new("ssh").args(["-p", "2222"]);
        Remote {
            name: "gpu1".into(),
            ssh,
            destination: "me@gpu1".into(),
            control: control.map(PathBuf::from),
        }
    }

    #[test]
    fn a_destination_is_never_an_option() {
        for control in [None, Some("/run/ssh")] {
            let connection = Connection::new(remote(control)).unwrap();
            for command in [connection.open("true"), connection.session("true")] {
                let words = command.arguments();
                assert_eq!(words[..2], ["-p", "2222"]);
                assert_eq!(words[words.len() - 4..], ["-T", "--", "me@gpu1", "true"]);
            }
        }
    }

    #[test]
    fn an_open_connection_is_used_and_not_opened_again() {
        let connection = Connection::new(remote(Some("/run/ssh"))).unwrap();
        let words = connection.open("true").arguments();
        assert!(!words.contains(&"-M".to_owned()), "{words:?}");
        assert!(words.windows(2).any(|pair| pair == ["-S", "/run/ssh"]), "{words:?}");
    }

    #[test]
    fn scripts_hold_nothing_that_ends_their_quotes() {
        for text in super::super::SCRIPTS {
            // Two backslashes are one for fish, between single quotes too.
            assert!(!text.contains('\'') && !text.contains("\\\\"), "{text}");
        }
    }
}
