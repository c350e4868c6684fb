//! Why a dock, or docker on it, cannot be used: a diagnosis of ssh's and docker's messages, with a remedy for each.

use std::path::Path;

use dockerutils_ssh::{SshFault, is_ssh_failure, last_line};

use crate::{Dock, InstanceId};

/// A reason why docker on a dock cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockFault {
    /// ssh did not reach the dock.
    Ssh(SshFault),
    /// The dock's host key is not known, and cannot be stored.
    HostKeyNotStored,
    /// A shell that is not interactive does not find docker.
    NoDocker,
    /// The user is not allowed to use docker.
    NotInDockerGroup,
    /// Docker's engine does not run.
    EngineDown,
    /// Something else: the last line that ssh or docker wrote.
    Other(String),
}

/// Parts of docker's messages in lower case, and what each of them means. Docker 20.10 and 28 word them differently.
const MESSAGES: [(&str, DockFault); 3] = [
    ("permission denied while trying to connect to the docker", DockFault::NotInDockerGroup),
    ("cannot connect to the docker daemon", DockFault::EngineDown),
    ("failed to connect to the docker api", DockFault::EngineDown),
];

impl DockFault {
    /// The dock did not respond within the timeout.
    pub const NO_RESPONSE: DockFault = DockFault::Ssh(SshFault::NoResponse);

    /// Diagnoses a failed `ssh … docker version` from its exit status (`None` if a signal ended it) and standard error.
    ///
    /// `known_hosts` is the dock's own file: a changed key in another file is that of a jump host.
    pub fn diagnose(status: Option<i32>, stderr: &[u8], known_hosts: &Path) -> Self {
        let fault = match status {
            _ if is_ssh_failure(status) && is_not_stored(stderr, known_hosts) => {
                Some(DockFault::HostKeyNotStored)
            }
            _ if is_ssh_failure(status) => SshFault::diagnose(stderr, known_hosts).map(DockFault::Ssh),
            // The shell's own statuses for a program that is not executable, and for one that does not exist.
            Some(126 | 127) => Some(DockFault::NoDocker),
            _ => diagnose_docker(stderr),
        };
        fault.unwrap_or_else(|| DockFault::Other(last_line(stderr)))
    }

    /// Returns the fault's name: lower case, with blanks. Programs read it in `ls-dock --json`, so it never changes.
    pub fn name(&self) -> &'static str {
        match self {
            DockFault::Ssh(fault) => fault.name(),
            DockFault::HostKeyNotStored => "host key not stored",
            DockFault::NoDocker => "no docker",
            DockFault::NotInDockerGroup => "not in docker group",
            DockFault::EngineDown => "engine down",
            DockFault::Other(_) => "error",
        }
    }

    /// Describes the fault of this dock and its remedy, in one sentence.
    pub fn sentence(&self, dock: &Dock) -> String {
        match (self, &dock.jump) {
            (DockFault::Ssh(fault), Some(jump)) if fault.may_be_jump_host() => {
                format!("{}; the fault may also be that of the jump host {jump}", ssh_sentence(*fault, dock))
            }
            (DockFault::Ssh(fault), _) => ssh_sentence(*fault, dock),
            _ => self.docker_sentence(dock),
        }
    }

    fn docker_sentence(&self, dock: &Dock) -> String {
        let Dock { address, user, .. } = dock;
        match self {
            DockFault::Ssh(fault) => ssh_sentence(*fault, dock),
            DockFault::HostKeyNotStored => format!(
                "the host key of {address} cannot be stored, so any machine could take its place: make \
                 ~/.docker/{address}/known_hosts a file that you can write"
            ),
            DockFault::NoDocker => format!(
                "docker is not installed for {user} on {address}: install it there (`sudo apt-get install docker.io`), \
                 on the PATH of shells that are not interactive"
            ),
            DockFault::NotInDockerGroup => {
                format!("{user} may not use docker on {address}: run there `sudo usermod -aG docker {user}`")
            }
            DockFault::EngineDown => {
                format!("docker does not run on {address}: start it there with `sudo systemctl start docker`")
            }
            DockFault::Other(line) => format!("docker on {address} cannot be reached: {line}"),
        }
    }
}

/// Returns whether ssh refused the dock's own key because it is not known, which is so if it cannot be stored. ssh looks the
/// key up under the dock's identity: the name of the folder of `known_hosts`, or an instance ID.
fn is_not_stored(stderr: &[u8], known_hosts: &Path) -> bool {
    let folder = known_hosts.parent().and_then(Path::file_name).unwrap_or_default();
    let text = String::from_utf8_lossy(stderr);
    let refusals = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("host key is known for ")?;
        rest.split_once(" and you have requested strict checking").map(|(alias, _)| alias)
    });
    refusals.into_iter().any(|alias| folder == alias || alias.parse::<InstanceId>().is_ok())
}

fn diagnose_docker(stderr: &[u8]) -> Option<DockFault> {
    let text = String::from_utf8_lossy(stderr).to_lowercase();
    MESSAGES.iter().find(|(message, _)| text.contains(message)).map(|(_, fault)| fault.clone())
}

fn ssh_sentence(fault: SshFault, dock: &Dock) -> String {
    let Dock { address, user, moniker, .. } = dock;
    match fault {
        _ if !dock.has_address() => format!("{moniker} has no address: `start-dock {moniker}`"),
        SshFault::NoResponse if dock.instance_id.is_some() => format!(
            "{moniker} does not respond at {address}: check with ls-dock whether it runs; `start-dock {moniker}` starts \
             it, and opens its firewall for your present address"
        ),
        SshFault::HostKeyChanged if dock.instance_id.is_some() => format!(
            "the machine at {address} is not {moniker}, or the connection is intercepted: if {moniker} was stopped, \
             `start-dock {moniker}` finds its new address"
        ),
        SshFault::UnknownHost => {
            format!("the name {address} cannot be resolved: check its spelling, and your network or VPN")
        }
        SshFault::NoResponse => format!(
            "{address} does not respond: check that it is switched on, and your network, VPN and its firewall"
        ),
        SshFault::Refused => format!(
            "{}{address} refuses the connection: start sshd there, or set the port that it listens on with -p",
            dock.port.map(|port| format!("port {port} of ")).unwrap_or_default()
        ),
        SshFault::Closed => format!(
            "{address} closes the connection at once: it is starting, or has too many connections (sshd's MaxStartups); \
             try again"
        ),
        SshFault::HostKeyChanged => format!(
            "the host key of {address} has changed: if you know why (a new machine at this address), \
             `unregister-dock {address}` and register it again; if not, the connection may be intercepted"
        ),
        SshFault::JumpHostKey => format!(
            "the host key of a jump host of {address} is unknown or has changed: `ssh` to that host first"
        ),
        SshFault::KeyRefused => format!(
            "{address} does not accept your keys for {user}: check -u USER and -i FILE, and load a key \
             that has a passphrase with `ssh-add`"
        ),
    }
}
