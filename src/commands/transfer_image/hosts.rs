//! The hosts that images are transferred to: docks, and other machines that ssh reaches.

use std::path::{Path, PathBuf};

use dockerutils_command::{Command, Runner};
use dockerutils_dock::{Address, Dock, DockFault, Docks, UserName};
use dockerutils_ssh::SshFault;
use dockerutils_transfer::remote::{Host, SshHost};
use dockerutils_transfer::{Error as CrateError, HostFailure, remote};

use super::error::TransferError;
use crate::Result;
use crate::dock_context::accept_host_key;

/// A host that the user has named.
pub(super) struct NamedHost {
    pub(super) host: Host,
    /// The dock, or what a dock would be there: messages about ssh describe a dock.
    dock: Dock,
    /// The file with the host key of a dock; the keys of other hosts are in ssh's own files.
    known_hosts: Option<PathBuf>,
}

/// Finds the hosts with these names.
///
/// # Errors
/// Fails if a name is neither that of a dock nor a destination for ssh, or the record of a dock is broken.
pub(super) fn find_hosts(
    names: &[String],
    identity: Option<&Path>,
    runner: &Runner,
) -> Result<Vec<NamedHost>> {
    let docks = Docks::of_current_user()?;
    names.iter().map(|name| find_host(&docks, name, identity, runner)).collect()
}

fn find_host(docks: &Docks, name: &str, identity: Option<&Path>, runner: &Runner) -> Result<NamedHost> {
    let has_name = |dock: &Dock| dock.moniker.as_str() == name || dock.address.as_str() == name;
    // A dock has precedence over a host of ssh's configuration, whose name could be the same.
    if !docks.all()?.iter().any(has_name) {
        return Ok(ssh_host(name, with_identity(docks.ssh_to_other_host(runner), identity))?);
    }
    // Fails if the name is that of several docks.
    let dock = docks.find(name)?;
    accept_host_key(docks, &dock, runner)?;
    let ssh = with_identity(docks.ssh(&dock), identity);
    let host = SshHost { name: name.to_owned(), ssh, destination: dock.destination(), control: None };
    let known_hosts = Some(docks.known_hosts(&dock));
    Ok(NamedHost { host: Host::Ssh(Box::new(host)), dock, known_hosts })
}

/// Returns a host that is not a dock. Its name goes to ssh as it is; here it is only checked and taken apart for messages.
fn ssh_host(name: &str, ssh: Command) -> std::result::Result<NamedHost, TransferError> {
    let rest = name.strip_prefix("ssh://").unwrap_or(name);
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let place = if name.starts_with("ssh://") { without_port(place.trim_end_matches('/')) } else { place };
    let invalid = || TransferError::InvalidHost(name.to_owned());
    let address: Address = place.parse().map_err(|_| invalid())?;
    let mut dock = Dock::new(address);
    if let Some(user) = user {
        dock.user = user.parse::<UserName>().map_err(|_| invalid())?;
    }
    let host = SshHost { name: name.to_owned(), ssh, destination: name.to_owned(), control: None };
    Ok(NamedHost { host: Host::Ssh(Box::new(host)), dock, known_hosts: None })
}

/// Returns the host of a URI's authority. An IPv6 address stands in brackets there.
fn without_port(place: &str) -> &str {
    match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => place.split(':').next().unwrap_or(place),
    }
}

fn with_identity(ssh: Command, identity: Option<&Path>) -> Command {
    match identity {
        Some(identity) => ssh.arg("-i").arg(identity),
        None => ssh,
    }
}

/// Returns the command that loads an archive on a host; `docker` is the command for docker there.
pub(super) fn docker_load(host: &Host, docker: &str) -> Command {
    match host {
        Host::Local => Command::new(docker).arg("load"),
        Host::Ssh(host) => {
            let SshHost { ssh, destination, .. } = &**host;
            ssh.clone().arg("--").arg(destination).arg(format!("{docker} load"))
        }
    }
}

/// Returns the error for the failure of one of these hosts. If ssh failed, the error is the diagnosis of its messages.
pub(super) fn diagnose(hosts: &[NamedHost], failure: HostFailure) -> TransferError {
    let HostFailure { host, error } = failure;
    let named = hosts.iter().find(|named| named.host.name() == host.name());
    let diagnosis = match (&error, named) {
        (CrateError::Remote(error), Some(named)) => named.diagnose(error),
        _ => None,
    };
    diagnosis.unwrap_or(TransferError::Transfer(error))
}

impl NamedHost {
    /// Diagnoses a failure of ssh; `None` for any other error.
    fn diagnose(&self, error: &remote::Error) -> Option<TransferError> {
        let (status, stderr) = error.ssh_failure()?;
        let known_hosts = self.known_hosts.as_deref().unwrap_or(Path::new(""));
        let name = self.host.name().to_owned();
        // The remedies for these faults of a dock are unregister-dock and flags of register-dock.
        Some(match DockFault::diagnose(status, stderr, known_hosts) {
            DockFault::Ssh(SshFault::HostKeyChanged | SshFault::JumpHostKey)
                if self.known_hosts.is_none() =>
            {
                TransferError::HostKey(name)
            }
            DockFault::Ssh(SshFault::KeyRefused) if self.known_hosts.is_none() => {
                TransferError::KeyRefused(name)
            }
            fault => TransferError::Unreachable(fault.sentence(&self.dock)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_uri_may_have_a_port() {
        for (place, host) in
            [("host", "host"), ("host:22", "host"), ("[2001:db8::1]", "2001:db8::1"), ("[::1]:22", "::1")]
        {
            assert_eq!(without_port(place), host);
        }
    }
}
