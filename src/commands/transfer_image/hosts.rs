//! The hosts that images are transferred to: docks, and other machines that ssh reaches.

use std::path::{Path, PathBuf};

use dockerutils_command::{Command, Runner};
use dockerutils_dock::{Destination, Dock, DockFault, Docks, host_key};
use dockerutils_ssh::SshFault;
use dockerutils_transfer::remote::{Host, SshHost};
use dockerutils_transfer::{Error as CrateError, HostFailure, remote};

use super::error::TransferError;
use crate::Result;
use crate::dock_context::announce_host_key;

/// A host that the user has named.
pub(super) struct NamedHost {
    pub(super) host: Host,
    /// The dock, or what a dock would be there: messages about ssh describe a dock.
    dock: Dock,
    /// The file with the host key of a dock; the keys of other hosts are in ssh's own files.
    known_hosts: Option<PathBuf>,
    /// Whether it is a dock whose host key is not known yet: ssh accepts the key that it sees first.
    is_new: bool,
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
    docks.refresh_ssh_files(&dock);
    let is_new = !docks.has_known_host_key(&dock);
    let ssh = with_identity(docks.ssh(&dock), identity);
    let host = SshHost { name: name.to_owned(), ssh, destination: dock.destination(), control: None };
    let known_hosts = Some(docks.known_hosts(&dock));
    Ok(NamedHost { host: Host::Ssh(Box::new(host)), dock, known_hosts, is_new })
}

/// Returns a host that is not a dock. Only host, user and port go to ssh: its versions parse destinations differently.
fn ssh_host(name: &str, ssh: Command) -> std::result::Result<NamedHost, TransferError> {
    let parsed = name.parse().map_err(|_| TransferError::InvalidHost(name.to_owned()))?;
    let Destination { user, address, zone, port } = parsed;
    let zone = zone.map(|zone| format!("%{zone}")).unwrap_or_default();
    let user_part = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
    let destination = format!("{user_part}{address}{zone}");
    let ssh = match port {
        Some(port) => ssh.arg("-p").arg(port.to_string()),
        None => ssh,
    };
    let mut dock = Dock::new(address);
    dock.user = user.unwrap_or(dock.user);
    let host = SshHost { name: name.to_owned(), ssh, destination, control: None };
    Ok(NamedHost { host: Host::Ssh(Box::new(host)), dock, known_hosts: None, is_new: false })
}

fn with_identity(ssh: Command, identity: Option<&Path>) -> Command {
    match identity {
        Some(identity) => ssh.arg("-i").arg(identity),
        None => ssh,
    }
}

/// Prints the fingerprints of host keys that ssh has accepted for the first time.
///
/// # Errors
/// Fails if there is no home folder.
pub(super) fn announce_new_keys(hosts: &[NamedHost], runner: &Runner) -> Result {
    let docks = Docks::of_current_user()?;
    for NamedHost { dock, .. } in hosts.iter().filter(|named| named.is_new) {
        // A fingerprint that cannot be printed is no reason to fail.
        let fingerprint = host_key(&docks, dock, runner).ok().flatten();
        announce_host_key(dock, fingerprint.as_deref());
    }
    Ok(())
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
    let error = diagnosis.unwrap_or(TransferError::Transfer(error));
    let is_dock = named.is_some_and(|named| named.known_hosts.is_some());
    if is_dock && is_known_to_check_dock(&error) { TransferError::OfDock(Box::new(error)) } else { error }
}

/// Returns whether check-dock finds the cause of a failure, if the host is a dock.
fn is_known_to_check_dock(error: &TransferError) -> bool {
    use remote::Error::{DiskFull, EngineUnreachable, NoDocker, PermissionDenied, SudoPassword};
    match error {
        TransferError::Unreachable(_) => true,
        TransferError::Transfer(CrateError::Remote(error)) => matches!(
            error,
            NoDocker { .. }
                | PermissionDenied { .. }
                | SudoPassword { .. }
                | EngineUnreachable { .. }
                | DiskFull { .. }
        ),
        _ => false,
    }
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
    fn ssh_gets_host_user_and_port_as_words_of_their_own() {
        let words = |name: &str| {
            let named = ssh_host(name, Command::new("ssh")).unwrap();
            docker_load(&named.host, "docker").to_shell()
        };
        for (name, expected) in [
            ("mine", "ssh -- mine 'docker load'"),
            ("ada@gpu:2222", "ssh -p 2222 -- ada@gpu 'docker load'"),
            ("ssh://ada@[fd00::5]:22", "ssh -p 22 -- ada@fd00::5 'docker load'"),
            ("ada@[fd00::5]", "ssh -- ada@fd00::5 'docker load'"),
            ("ada@[fd00::5]:22", "ssh -p 22 -- ada@fd00::5 'docker load'"),
            ("ada@fe80::1%eth0", "ssh -- 'ada@fe80::1%eth0' 'docker load'"),
            ("ssh://[fe80::1%eth0]/", "ssh -- 'fe80::1%eth0' 'docker load'"),
        ] {
            assert_eq!(words(name), expected);
        }
    }
}
