//! The one connection to a host, and the sessions that run on it.

use std::io::{self, BufReader, PipeReader};

use dockerutils_command::{Command, Pipes, Runner, StreamOutput, Streaming};
use dockerutils_ssh::{ControlSocket, RUN_INPUT, TemporarySocket, remote_command, script_input};

use super::error::{Error, Result};
use super::frame::{self, Frame};
use super::host::{Host, SshHost};
use super::scripts::RELAY;

/// Options of a connection that only carries a transfer, whatever the user's configuration contains.
// Forwards of the user's configuration belong to the user's own sessions: a further connection cannot open the same ports.
// Blocks are compressed by the packer, on all cores; ssh would compress on one.
const OPTIONS: [&str; 4] = ["ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "Compression=no"];

/// Prefers the ciphers that most processors have instructions for.
const CIPHERS: &str = "Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com";

/// A connection to a host, or this machine itself.
#[derive(Debug)]
pub(super) enum Connection {
    Local,
    Ssh { host: Box<SshHost>, master: Master },
}

/// The master connection that carries the sessions.
#[derive(Debug)]
pub(super) enum Master {
    /// Opened by the first session, and closed with it.
    Own(ControlSocket),
    /// Already open, and stays so.
    Existing(ControlSocket),
}

/// A session whose script is ready.
pub(super) struct Script {
    pub(super) session: Streaming,
    pub(super) output: BufReader<PipeReader>,
}

/// How the start of a script went.
pub(super) enum Start {
    Running(Box<Script>),
    Exited(StreamOutput),
}

/// The output of a script.
pub(super) enum Output {
    Frames(Vec<Frame>),
    /// The session failed: ssh, or the script.
    Failed(StreamOutput),
}

impl Connection {
    /// Prepares a connection; the first session opens it.
    ///
    /// Also returns the control socket that it creates, if any: to be dropped after the first session, whose ssh is killed
    /// at the end of a transfer and so leaves the socket. The connection does not own it, because a thread may hold the
    /// connection until the process exits.
    ///
    /// # Errors
    /// Fails if there is no private folder for the control socket.
    pub(super) fn new(host: &Host) -> Result<(Self, Option<TemporarySocket>)> {
        let Host::Ssh(host) = host else { return Ok((Connection::Local, None)) };
        let (master, own) = match &host.control {
            Some(socket) => (Master::Existing(socket.clone()), None),
            None => {
                let own = TemporarySocket::new()?;
                (Master::Own(own.socket().clone()), Some(own))
            }
        };
        Ok((Connection::Ssh { host: host.clone(), master }, own))
    }

    /// Returns whether the host is this machine.
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Connection::Local)
    }

    /// Returns the name of the host.
    pub(super) fn name(&self) -> &str {
        match self {
            Connection::Local => Host::Local.name(),
            Connection::Ssh { host, .. } => &host.name,
        }
    }

    /// Starts a script in the first session, which opens the connection.
    ///
    /// # Errors
    /// Fails if ssh cannot be started, or the process received a signal to stop.
    pub(super) fn start_first(
        &self,
        script: &str,
        arguments: &[String],
        runner: &Runner,
    ) -> Result<Streaming> {
        start(&self.open(RUN_INPUT), script, arguments, runner)
    }

    /// Starts a script in a further session.
    ///
    /// # Errors
    /// As [`start_first`](Self::start_first).
    pub(super) fn start(&self, script: &str, arguments: &[String], runner: &Runner) -> Result<Streaming> {
        start(&self.session(RUN_INPUT), script, arguments, runner)
    }

    /// Returns the command of the first session, which opens the connection and closes it at its end. On an existing
    /// master it is a session like any other.
    fn open(&self, line: &str) -> Command {
        match self {
            Connection::Ssh { host, master: master @ Master::Own(_) } => {
                // Without AES instructions, the cipher that ssh prefers is the faster one.
                let ciphers = has_aes().then_some(CIPHERS);
                let ssh = master.socket().open_master(host.ssh.clone(), OPTIONS.into_iter().chain(ciphers));
                // -T: a terminal would change line feeds and control characters in the stream.
                ssh.args(["-T", "--", &host.destination, line])
            }
            _ => self.session(line),
        }
    }

    /// Returns the command of a further session. If the master refuses it, ssh opens a connection of its own.
    pub(super) fn session(&self, line: &str) -> Command {
        match self {
            Connection::Local => Command::new("sh").args(["-c", line]),
            Connection::Ssh { host, master } => {
                // A connection of its own is slower, but works on a host that allows only one session (MaxSessions).
                let ssh = master.socket().via_master(host.ssh.clone());
                ssh.args(["-T", "--", &host.destination, line])
            }
        }
    }

    /// Returns the command of a further session that fails if the master refuses it.
    fn session_of_master(&self, line: &str) -> Command {
        match self {
            Connection::Local => self.session(line),
            Connection::Ssh { host, master } => master.socket().only_via_master(&host.ssh.program(), line),
        }
    }

    /// Opens a further session in which a script waits for its input; `None` if that fails.
    pub(super) fn prepare(&self, script: &str, runner: &Runner) -> Option<Streaming> {
        // A further connection would take longer to open than a prepared session saves.
        start(&self.session_of_master(RUN_INPUT), script, &[], runner).ok()
    }

    /// Returns the command of a further session that copies its input to a fifo of `receive.sh`.
    pub(super) fn relay(&self, folder: &str, number: usize) -> Result<Command> {
        let fifo = format!("{folder}/{number}");
        let arguments = remote_command([fifo.as_str()])?;
        Ok(self.session_of_master(&format!("exec sh -c '{RELAY}' sh {arguments}")))
    }

    /// Runs a script in a session, and returns its frames.
    ///
    /// # Errors
    /// Fails if the session fails, or the process received a signal to stop.
    pub(super) fn run(&self, script: &str, arguments: &[String], runner: &Runner) -> Result<Vec<Frame>> {
        let mut session = self.start(script, arguments, runner)?;
        // The script has no other input.
        drop(session.take_input());
        match self.read_output(session, runner)? {
            Output::Frames(frames) => Ok(frames),
            Output::Failed(ended) => Err(Error::of_ssh(self.name(), &ended)),
        }
    }

    /// Waits until the script of a session is ready, or the session has ended.
    ///
    /// # Errors
    /// Fails if the output is unreadable, or the process received a signal to stop.
    pub(super) fn wait_for_start(&self, mut session: Streaming, runner: &Runner) -> Result<Start> {
        if let Some(output) = session.take_output() {
            let mut output = BufReader::new(output);
            let is_running = frame::skip_greeting(&mut output);
            if is_running.map_err(|source| self.unreadable(source))? {
                return Ok(Start::Running(Box::new(Script { session, output })));
            }
        }
        let ended = session.wait()?;
        runner.check_interrupted()?;
        Ok(Start::Exited(ended))
    }

    /// Reads the output of the script in a session until the session ends.
    ///
    /// # Errors
    /// Fails if the output is unreadable, or the process received a signal to stop.
    pub(super) fn read_output(&self, mut session: Streaming, runner: &Runner) -> Result<Output> {
        // Before waiting: a script whose output fills the pipe would never end.
        let frames = read_frames(&mut session);
        let ended = session.wait()?;
        runner.check_interrupted()?;
        match frames {
            Ok(Some(frames)) if ended.status.success() => Ok(Output::Frames(frames)),
            // After a failure, output that breaks off is only its consequence.
            Err(source) if ended.status.success() => Err(self.unreadable(source)),
            _ => Ok(Output::Failed(ended)),
        }
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::Unreadable { host: self.name().to_owned(), source }
    }
}

impl Master {
    fn socket(&self) -> &ControlSocket {
        match self {
            Master::Own(socket) | Master::Existing(socket) => socket,
        }
    }
}

/// Starts a command that runs [`RUN_INPUT`], with a script as its input. What is written to it later is the script's.
fn start(command: &Command, script: &str, arguments: &[String], runner: &Runner) -> Result<Streaming> {
    let input = script_input(script, arguments)?;
    let mut session = runner.start(command, Pipes::Both)?;
    session.write_input(input.as_bytes());
    Ok(session)
}

/// Reads the frames of a session; `None` if its script did not start.
fn read_frames(session: &mut Streaming) -> io::Result<Option<Vec<Frame>>> {
    let Some(output) = session.take_output() else { return Ok(None) };
    let mut output = BufReader::new(output);
    if !frame::skip_greeting(&mut output)? {
        return Ok(None);
    }
    let mut frames = Vec::new();
    while let Some(frame) = frame::read_frame(&mut output)? {
        frames.push(frame);
    }
    Ok(Some(frames))
}

/// Returns whether this processor has instructions for AES.
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

    fn host(control: Option<ControlSocket>) -> Host {
        let ssh = Command::new("ssh").args(["-p", "2222"]);
        Host::Ssh(Box::new(SshHost { name: "gpu1".into(), ssh, destination: "me@gpu1".into(), control }))
    }

    #[test]
    fn a_destination_is_never_an_option() {
        let existing = TemporarySocket::new().unwrap();
        for control in [None, Some(existing.socket().clone())] {
            let (connection, _own) = Connection::new(&host(control)).unwrap();
            for command in [connection.open("true"), connection.session("true")] {
                let words = command.arguments();
                assert_eq!(words[..2], ["-p", "2222"]);
                assert_eq!(words[words.len() - 4..], ["-T", "--", "me@gpu1", "true"]);
            }
        }
    }

    #[test]
    fn an_existing_master_is_used_and_not_opened_again() {
        let existing = TemporarySocket::new().unwrap();
        let (connection, own) = Connection::new(&host(Some(existing.socket().clone()))).unwrap();
        assert!(own.is_none());
        assert_eq!(connection.open("true").to_shell(), connection.session("true").to_shell());
        let words = connection.open("true").arguments();
        assert!(!words.contains(&"-M".to_owned()), "{words:?}");
        assert!(words.contains(&existing.socket().path().display().to_string()), "{words:?}");
    }
}
