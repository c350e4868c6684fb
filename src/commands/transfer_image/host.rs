//! Where images go: a dock, or whatever ssh takes.

use std::path::{Path, PathBuf};

use dockerutils_command::{Command, Runner};
use dockerutils_dock::{Address, Dock, Docks, Trouble, UserName, ssh};
use dockerutils_transfer::target::{self, Remote, Target, Wanted};

use crate::dock_context::meet;
use crate::{Error, Result};

/// Where images go.
pub(super) enum Host {
    /// The engine here.
    Here,
    /// One that ssh reaches.
    Far(Box<Far>),
}

/// A host that ssh reaches.
pub(super) struct Far {
    /// How ssh gets there.
    remote: Remote,
    /// The dock, or what a dock would be there: what messages speak of.
    dock: Dock,
    /// Where its host keys are kept, if it is a registered dock; those of others ssh keeps.
    known_hosts: Option<PathBuf>,
}

impl Far {
    /// What ssh's refusal means for the user.
    fn explain(&self, stderr: &[u8]) -> Error {
        let Far { remote, dock, known_hosts } = self;
        let trouble = Trouble::of(Some(255), stderr, known_hosts.as_deref().unwrap_or(Path::new("")));
        match trouble {
            Trouble::HostKeyChanged | Trouble::HostKeyOnTheWay if known_hosts.is_none() => {
                Error::HostKey(remote.destination.clone())
            }
            Trouble::KeyRefused if known_hosts.is_none() => Error::KeyRefused(remote.destination.clone()),
            trouble => Error::Unreachable(trouble.sentence(dock)),
        }
    }
}

impl Host {
    /// What the user calls it.
    pub(super) fn name(&self) -> &str {
        match self {
            Host::Here => "this machine",
            Host::Far(far) => &far.remote.name,
        }
    }

    /// Connects, and learns what is there.
    ///
    /// # Errors
    /// ssh or docker there refuses.
    pub(super) fn connect(&self, wanted: Wanted, runner: &Runner) -> target::Result<Target> {
        match self {
            Host::Here => Target::here(wanted, runner),
            Host::Far(far) => Target::connect(far.remote.clone(), wanted, runner),
        }
    }

    /// What loads an archive there, with docker as it is called there.
    pub(super) fn load(&self, docker: &str) -> Command {
        match self {
            Host::Here => Command::new(docker).arg("load"),
            Host::Far(far) => {
                let Remote { ssh, destination, .. } = &far.remote;
                ssh.clone().arg("--").arg(destination).arg(format!("{docker} load"))
            }
        }
    }

    /// What an error of this host means for the user.
    pub(super) fn explain(&self, error: target::Error) -> Error {
        match (self, error) {
            (Host::Far(far), target::Error::Ssh { status: Some(255), stderr, .. }) => far.explain(&stderr),
            (_, target::Error::Command(error)) => Error::Command(error),
            (_, error) => Error::Target(error),
        }
    }
}

/// The host of this name: a registered dock's, or a destination of ssh's.
///
/// # Errors
/// It is neither, or the dock's record is broken.
pub(super) fn find(docks: &Docks, name: &str, identity: Option<&Path>, runner: &Runner) -> Result<Host> {
    let is_called = |dock: &Dock| dock.moniker.as_str() == name || dock.address.as_str() == name;
    let is_registered = docks.all()?.iter().any(is_called);
    if !is_registered {
        return by_ssh(name, identity);
    }
    // Two docks of one name are an error that it tells.
    let dock = docks.find(name)?;
    meet(docks, &dock, runner)?;
    let ssh = with_identity(ssh::ssh(docks, &dock), identity);
    let remote = Remote { name: name.to_owned(), ssh, destination: dock.destination(), control: None };
    let known_hosts = Some(docks.known_hosts(&dock));
    Ok(Host::Far(Box::new(Far { remote, dock, known_hosts })))
}

fn by_ssh(name: &str, identity: Option<&Path>) -> Result<Host> {
    let rest = name.strip_prefix("ssh://").unwrap_or(name);
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let place = if name.starts_with("ssh://") { without_port(place.trim_end_matches('/')) } else { place };
    let refused = || Error::NoHost(name.to_owned());
    let address: Address = place.parse().map_err(|_| refused())?;
    let mut dock = Dock::new(address);
    if let Some(user) = user {
        dock.user = user.parse::<UserName>().map_err(|_| refused())?;
    }
    let ssh = with_identity(Command::new("ssh"), identity);
    let remote = Remote { name: name.to_owned(), ssh, destination: name.to_owned(), control: None };
    Ok(Host::Far(Box::new(Far { remote, dock, known_hosts: None })))
}

/// The host of a URI; an IPv6 address stands in brackets there.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_may_have_a_port() {
        for (place, host) in
            [("host", "host"), ("host:22", "host"), ("[2001:db8::1]", "2001:db8::1"), ("[::1]:22", "::1")]
        {
            assert_eq!(without_port(place), host);
        }
    }
}
