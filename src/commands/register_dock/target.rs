//! Which dock is registered, and with which values: from the arguments, and from the user's ssh configuration.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;
use dockerutils_dock::{
    Address, Change, Changes, Destination, Dock, Docks, Identity, Moniker, SshHost, UserName,
};

use super::Args;
use crate::dock_context::DockContextError;
use crate::{Error, Result};

/// The dock to register, and the values to set.
pub(super) struct Target {
    pub(super) address: Address,
    /// What is registered at the address.
    pub(super) known: Option<Dock>,
    pub(super) changes: Changes,
}

impl Target {
    /// Finds the target. If the address is a `Host` of the user's ssh configuration, ssh resolves it.
    ///
    /// # Errors
    /// Fails if an argument is not valid, if the moniker is that of a host of ssh's configuration, or if the record at the
    /// address is broken.
    pub(super) fn find(args: &Args, docks: &Docks, runner: &Runner) -> Result<Self> {
        let mut changes = changes(args, docks)?;
        let name = args.destination.address.as_str();
        let names: Vec<&str> =
            [Some(name), args.moniker.as_ref().map(Moniker::as_str)].into_iter().flatten().collect();
        if !docks.user_names_host(name)
            && let Some(moniker) = &args.moniker
        {
            // Before anything runs. A name that ssh resolves may be that of the dock which has the moniker.
            let address = args.destination.address.clone();
            docks.check_moniker(&Dock { moniker: moniker.clone(), ..Dock::new(address) })?;
        }
        // Nothing is resolved in a dry run, which starts no program.
        let mut hosts = docks.ssh_hosts(&names, runner)?.into_iter();
        let (host, of_moniker) = (hosts.next().unwrap_or_default(), hosts.next());
        let address = resolved(&host).unwrap_or_else(|| args.destination.address.clone());
        check_instance(&changes, &address, docks)?;
        let known = docks.at(&address)?;
        if let Some(moniker) = &changes.moniker {
            let is_new =
                known.as_ref().is_none_or(|dock| dock.moniker != *moniker) && moniker.as_str() != name;
            let is_host = || {
                docks.user_names_host(moniker.as_str())
                    || of_moniker.is_some_and(|host| host.hostname.is_some())
            };
            if is_new && is_host() {
                return Err(DockContextError::HostOfSsh(moniker.to_string()).into());
            }
        }
        if known.is_none() {
            take_over(&mut changes, &host, address.as_str() != name, name);
        }
        Ok(Target { address, known, changes })
    }
}

/// Checks that the instance is not registered at another address: it has one address at a time, and one record.
fn check_instance(changes: &Changes, address: &Address, docks: &Docks) -> Result {
    let Change::Set(id) = &changes.instance_id else { return Ok(()) };
    let is_same = |dock: &Dock| dock.instance_id.as_ref() == Some(id) && dock.address != *address;
    match docks.all()?.into_iter().find(is_same) {
        Some(dock) => {
            let (id, moniker, address) = (id.to_string(), dock.moniker.to_string(), dock.address.to_string());
            Err(DockContextError::KnownInstance { id, moniker, address }.into())
        }
        None => Ok(()),
    }
}

/// Returns the address that ssh's configuration has for a host; `None` if it has none, or if only ssh can reach the host.
fn resolved(host: &SshHost) -> Option<Address> {
    let hostname = host.hostname.as_ref().filter(|_| !host.has_proxy_command)?;
    hostname.parse().ok()
}

/// Sets what the arguments do not set as ssh's configuration has it. ssh itself finds port, key and jump hosts under the
/// name that the configuration has, but not under another address.
fn take_over(changes: &mut Changes, host: &SshHost, is_alias: bool, name: &str) {
    changes.user = changes.user.take().or_else(|| host.user.clone());
    if is_alias {
        changes.moniker = changes.moniker.take().or_else(|| name.parse().ok());
        changes.port.set_if_kept(host.port);
        changes.identity.set_if_kept(host.identity.clone());
        changes.jump.set_if_kept(host.jump.clone());
    }
}

fn changes(args: &Args, docks: &Docks) -> Result<Changes> {
    let Destination { user, zone, port, .. } = &args.destination;
    if let Some(zone) = zone {
        return Err(Error::Usage(format!(
            "a dock has no zone (%{zone}): register another address of it, or a name of ssh's configuration"
        )));
    }
    if let (Some(user), Some(other)) = (user, &args.user)
        && user != other
    {
        return Err(Error::Usage(format!("the user is {user} in the address and {other} after -u")));
    }
    if let (Some(port), Some(change)) = (port, &args.port)
        && *change != Change::Set(*port)
    {
        return Err(Error::Usage(format!("the port is {port} in the address, and another one after -p")));
    }
    let mut changes = Changes {
        moniker: args.moniker.clone(),
        user: match args.user.as_ref().or(user.as_ref()) {
            Some(user) => Some(user.clone()),
            None => default_user()?,
        },
        port: args.port.clone().unwrap_or_default(),
        identity: identity_change(args.identity.as_deref(), docks)?,
        jump: args.jump.clone().unwrap_or_default(),
        instance_id: args.instance_id.clone().unwrap_or_default(),
        region: args.region.clone().unwrap_or_default(),
        account: args.account.clone().unwrap_or_default(),
        profile: args.profile.clone().unwrap_or_default(),
    };
    changes.port.set_if_kept(*port);
    Ok(changes)
}

/// Returns the user that DOCK_USER names.
fn default_user() -> Result<Option<UserName>> {
    match std::env::var("DOCK_USER").ok().filter(|value| !value.is_empty()) {
        Some(user) => user.parse().map(Some).map_err(|invalid| Error::Usage(format!("DOCK_USER: {invalid}"))),
        None => Ok(None),
    }
}

fn identity_change(file: Option<&OsStr>, docks: &Docks) -> Result<Change<Identity>> {
    match file {
        None => Ok(Change::Keep),
        Some(file) if file.is_empty() => Ok(Change::Clear),
        Some(file) => identity(Path::new(file), docks).map(Change::Set),
    }
}

/// Returns the key's absolute path, because the record is used in other working folders too.
fn identity(file: &Path, docks: &Docks) -> Result<Identity> {
    let file: PathBuf = if file.starts_with("~") {
        file.to_owned()
    } else {
        std::path::absolute(file).unwrap_or(file.to_owned())
    };
    let identity: Identity =
        file.to_string_lossy().parse().map_err(|invalid| Error::Usage(format!("-i: {invalid}")))?;
    if docks.identity_path(&identity).is_file() {
        Ok(identity)
    } else {
        Err(Error::Usage(format!("-i: there is no file {identity}")))
    }
}
