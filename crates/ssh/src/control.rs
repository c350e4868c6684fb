//! The control socket of a master connection, and ssh's command lines that use it.

use std::borrow::Cow;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use dockerutils_command::{Command, Runner};

use crate::PrivateDir;

/// ssh requires a destination even if it is only used through the master, and connects to none.
const UNUSED_DESTINATION: &str = "host";

/// The socket through which a master connection takes further sessions. It lies in a folder that has been checked.
#[derive(Debug, Clone)]
pub struct ControlSocket {
    place: Place,
    name: Cow<'static, str>,
}

#[derive(Debug, Clone)]
enum Place {
    Checked(PrivateDir),
    Planned(PathBuf),
}

impl ControlSocket {
    /// Returns the socket with this name in a checked folder, whether a master connection listens on it or not.
    pub fn in_folder(folder: PrivateDir, name: impl Into<Cow<'static, str>>) -> Self {
        ControlSocket { place: Place::Checked(folder), name: name.into() }
    }

    /// Returns the socket that would lie in a folder which does not exist yet, for the commands that a dry run prints.
    /// `None` if the runner is not one that only prints.
    pub fn planned(folder: &Path, name: &'static str, runner: &Runner) -> Option<Self> {
        let place = Place::Planned(folder.to_owned());
        runner.is_dry_run().then_some(ControlSocket { place, name: name.into() })
    }

    /// Returns the socket's path.
    pub fn path(&self) -> PathBuf {
        match &self.place {
            Place::Checked(folder) => folder.path().join(&*self.name),
            Place::Planned(folder) => folder.join(&*self.name),
        }
    }

    /// Returns whether a master connection listens. ssh may not have noticed yet that the line is dead.
    pub fn is_connected(&self) -> bool {
        match &self.place {
            Place::Checked(folder) => {
                // A socket file remains if ssh was killed, so that its existence proves nothing.
                folder.has_socket(&self.name) && UnixStream::connect(self.path()).is_ok()
            }
            Place::Planned(_) => false,
        }
    }

    /// Makes `ssh` the master connection: with `-M -S SOCKET`, and further `options` of the form `Name=value`. Add the
    /// destination after `--`.
    pub fn open_master<'a>(&self, ssh: Command, options: impl IntoIterator<Item = &'a str>) -> Command {
        ssh.args(["-M", "-S"]).arg(self.path()).args(options.into_iter().flat_map(|option| ["-o", option]))
    }

    /// Makes `ssh` use the master connection; if that has been lost, ssh opens a connection of its own. Add the
    /// destination after `--`.
    pub fn via_master(&self, ssh: Command) -> Command {
        ssh.arg("-S").arg(self.path())
    }

    /// Returns `ssh` with a destination that runs `line` through the master connection, and fails if that is lost.
    ///
    /// If sshd refuses a further session (MaxSessions), ssh otherwise opens another connection without a word: a
    /// `ProxyCommand` that fails prevents that. `program` is the ssh to use, with no option before its own.
    pub fn only_via_master(&self, program: &str, line: &str) -> Command {
        let ssh = Command::new(program).args(["-F", "none", "-o", "ProxyCommand=false", "-S"]);
        ssh.arg(self.path()).args(["-T", "--", UNUSED_DESTINATION, line])
    }

    /// Returns the command that ends the master connection, and every session that goes through it.
    pub fn exit(&self) -> Command {
        self.request("exit", &[])
    }

    /// Returns the command that forwards a socket of the host to a socket of this machine.
    pub fn forward_socket(&self, local: &Path, remote: &str) -> Command {
        self.request("forward", &["-L", &format!("{}:{remote}", local.display())])
    }

    /// Returns the command that ends such a forward.
    pub fn cancel_socket(&self, local: &Path, remote: &str) -> Command {
        self.request("cancel", &["-L", &format!("{}:{remote}", local.display())])
    }

    /// Returns the command that opens a port of this machine's loopback which leads to a port or a socket of the host:
    /// `HOST:PORT` or an absolute path. It succeeds if the master has opened the same before.
    pub fn open_port(&self, local: u16, target: &str) -> Command {
        self.request("forward", &["-L", &port_forward(local, target)])
    }

    /// Returns the command that closes such a port.
    pub fn close_port(&self, local: u16, target: &str) -> Command {
        self.request("cancel", &["-L", &port_forward(local, target)])
    }

    /// Returns the command that sends the master connection a request, such as `forward`, with options for it.
    pub(crate) fn request(&self, request: &str, options: &[&str]) -> Command {
        // The request goes to the socket, so no configuration is needed, and an error in one must not prevent the request.
        let ssh = Command::new("ssh").args(["-F", "none", "-S"]).arg(self.path());
        ssh.args(["-O", request]).args(options.iter().copied()).args(["--", UNUSED_DESTINATION])
    }
}

/// Returns the argument of `-L`. Only this machine can use the port, even if the user's configuration sets GatewayPorts.
fn port_forward(local: u16, target: &str) -> String {
    format!("127.0.0.1:{local}:{target}")
}

/// Makes `ssh` open a connection of its own, whatever master the user's configuration names.
pub fn without_master(ssh: Command) -> Command {
    // `-S none` overrides a ControlPath in the user's configuration.
    ssh.args(["-S", "none"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> ControlSocket {
        ControlSocket::planned(Path::new("/run/d"), "ssh", &Runner::new(true)).unwrap()
    }

    #[test]
    fn a_socket_that_was_not_checked_is_for_dry_runs_only() {
        assert!(ControlSocket::planned(Path::new("/run/d"), "ssh", &Runner::new(false)).is_none());
        assert!(!socket().is_connected());
    }

    #[test]
    fn the_master_has_the_options_of_the_caller() {
        let command = socket().open_master(Command::new("ssh").arg("-N"), ["ForwardAgent=no"]);
        assert_eq!(command.to_shell(), "ssh -N -M -S /run/d/ssh -o ForwardAgent=no");
    }

    #[test]
    fn commands_name_the_socket() {
        let (ssh, socket) = (Command::new("ssh"), socket());
        assert_eq!(socket.via_master(ssh.clone()).to_shell(), "ssh -S /run/d/ssh");
        assert_eq!(without_master(ssh).to_shell(), "ssh -S none");
        assert_eq!(socket.exit().to_shell(), "ssh -F none -S /run/d/ssh -O exit -- host");
        assert_eq!(
            socket.only_via_master("ssh", "true").to_shell(),
            "ssh -F none -o ProxyCommand=false -S /run/d/ssh -T -- host true"
        );
    }
}
