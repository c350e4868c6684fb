//! The docks of a user: the folders of `~/.docker` that hold a record.
//!
//! Records are changed under one lock, so two commands at once lose nothing. A broken record breaks only its own dock.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use dockerutils_config::nearest;

use crate::error::folder;
use crate::file::{self, Lock};
use crate::{Address, Dock, Error, Identity, Result, fragment, include, record};

/// The known hosts' name in a dock's folder.
const KNOWN_HOSTS: &str = "known_hosts";
/// The folder's name, in a dock's folder, of what syncs keep.
const SYNC: &str = "sync";

/// The docks of a user.
#[derive(Debug, Clone)]
pub struct Docks {
    home: PathBuf,
    folder: PathBuf,
}

/// All records: those that can be used, in the order of their monikers, and what is wrong with the others.
#[derive(Debug)]
pub struct Listing {
    /// The docks.
    pub docks: Vec<Dock>,
    /// What is wrong with records that cannot be read.
    pub broken: Vec<Error>,
}

impl Docks {
    /// The docks of the user with this home folder.
    pub fn of_user(home: &Path) -> Self {
        Docks { home: home.to_owned(), folder: home.join(".docker") }
    }

    /// The docks whose records can be read, in the order of their monikers.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn all(&self) -> Result<Vec<Dock>> {
        Ok(self.list()?.docks)
    }

    /// All records, broken ones too.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> Result<Listing> {
        let mut listing = Listing { docks: Vec::new(), broken: Vec::new() };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listing),
            read => read.map_err(Error::io("read", &self.folder))?,
        };
        for entry in entries {
            let folder = entry.map_err(Error::io("read", &self.folder))?.path();
            match read(&folder) {
                Ok(None) => {}
                Ok(Some(dock)) => listing.docks.push(dock),
                Err(error) => listing.broken.push(error),
            }
        }
        listing.docks.sort_by(|a, b| (&a.moniker, &a.address).cmp(&(&b.moniker, &b.address)));
        Ok(listing)
    }

    /// The dock with this moniker or address.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find(&self, name: &str) -> Result<Dock> {
        let Listing { mut docks, broken } = self.list()?;
        if let Some(index) = docks.iter().position(|dock| dock.address.as_str() == name) {
            return Ok(docks.swap_remove(index));
        }
        let mut named: Vec<Dock> = docks.extract_if(.., |dock| dock.moniker.as_str() == name).collect();
        match named.len() {
            0 => Err(unknown(name, &docks, broken)),
            1 => Ok(named.remove(0)),
            _ => Err(Error::Ambiguous {
                name: name.to_owned(),
                addresses: named.iter().map(|dock| dock.address.as_str()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// The dock at this address, if it is registered.
    ///
    /// # Errors
    /// Its record is broken or cannot be read.
    pub fn at(&self, address: &Address) -> Result<Option<Dock>> {
        read(&self.folder.join(address.as_str()))
    }

    /// The dock that this terminal is docked to: `source dock` sets DOCKER_IP, and DOCK_MONIKER.
    ///
    /// # Errors
    /// It is no longer registered, or its record is broken.
    pub fn current(&self) -> Result<Option<Dock>> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        set("DOCKER_IP").or_else(|| set("DOCK_MONIKER")).map(|name| self.find(&name)).transpose()
    }

    /// Writes the dock's record and ssh fragment.
    ///
    /// # Errors
    /// Its moniker is another dock's, or something cannot be written.
    pub fn register(&self, dock: &Dock) -> Result<()> {
        self.update(&dock.address, |_| dock.clone()).map(|_| ())
    }

    /// Writes what `change` makes of the record at this address, if there is one; no other change comes between.
    ///
    /// # Errors
    /// As [`register`](Self::register), or the record that is there is broken.
    pub fn update(&self, address: &Address, change: impl FnOnce(Option<Dock>) -> Dock) -> Result<Dock> {
        let _lock = self.lock()?;
        let dock = change(self.at(address)?);
        self.check_moniker(&dock)?;
        let folder = self.folder(&dock);
        self.make_folder(&dock)?;
        let file = folder.join(record::FILE);
        let before = file::read_or_empty(&file)?;
        file::replace_private(&file, record::format(&dock, &before).as_bytes())?;
        file::replace_private(&folder.join(fragment::FILE), fragment::format(self, &dock).as_bytes())?;
        Ok(dock)
    }

    /// Refuses a moniker that is the moniker or the address of another dock.
    ///
    /// # Errors
    /// It is.
    pub fn check_moniker(&self, dock: &Dock) -> Result<()> {
        let name = dock.moniker.as_str();
        let mut others = self.all()?.into_iter().filter(|other| other.address != dock.address);
        match others.find(|other| other.moniker.as_str() == name || other.address.as_str() == name) {
            Some(other) => Err(Error::Taken { moniker: dock.moniker.clone(), taken_by: other.address }),
            None => Ok(()),
        }
    }

    /// Removes record, known hosts, fragment and what syncs have kept of a dock, and its folder if nothing else is in it.
    ///
    /// A broken record is removed too, by the name of its folder.
    ///
    /// # Errors
    /// There is no such dock, or something cannot be removed.
    pub fn unregister(&self, name: &str) -> Result<Address> {
        let _lock = self.lock()?;
        let address = match self.find(name) {
            Ok(dock) => dock.address,
            Err(error) => self.broken_at(name).ok_or(error)?,
        };
        self.clear(&address)?;
        Ok(address)
    }

    /// Clears the folder of a dock that has no record.
    pub(crate) fn forget_unregistered(&self, dock: &Dock) -> Result<()> {
        let _lock = self.lock()?;
        if self.folder(dock).join(record::FILE).exists() { Ok(()) } else { self.clear(&dock.address) }
    }

    fn clear(&self, address: &Address) -> Result<()> {
        let folder = self.folder.join(address.as_str());
        for file in [record::FILE, fragment::FILE, KNOWN_HOSTS, "known_hosts.old"] {
            remove(&folder.join(file), |path| fs::remove_file(path))?;
        }
        // Of another machine at this address it would not be true.
        remove(&folder.join(SYNC), |path| fs::remove_dir_all(path))?;
        remove_empty(&folder)
    }

    /// The folder that holds what belongs to a dock.
    pub fn folder(&self, dock: &Dock) -> PathBuf {
        self.folder.join(dock.address.as_str())
    }

    /// The file of the dock's own host keys.
    pub fn known_hosts(&self, dock: &Dock) -> PathBuf {
        self.folder(dock).join(KNOWN_HOSTS)
    }

    /// The folder of what syncs with the dock keep.
    pub fn sync_folder(&self, dock: &Dock) -> PathBuf {
        self.folder(dock).join(SYNC)
    }

    /// Whether a host key of the dock is known.
    pub fn has_met(&self, dock: &Dock) -> bool {
        fs::metadata(self.known_hosts(dock)).is_ok_and(|file| file.len() > 0)
    }

    /// Makes ssh read the docks' fragments, by one line in `~/.ssh/config`; answers whether it was missing.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn include_in_ssh_config(&self) -> Result<bool> {
        let _lock = self.lock()?;
        include::add(&self.home.join(".ssh"))
    }

    /// The path that an identity means: `~/` is this user's home.
    pub fn path_of(&self, identity: &Identity) -> PathBuf {
        let identity = identity.as_str();
        identity.strip_prefix("~/").map_or_else(|| identity.into(), |below| self.home.join(below))
    }

    pub(crate) fn make_folder(&self, dock: &Dock) -> Result<()> {
        let folder = self.folder(dock);
        file::make_private_dir(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o700))
            .map_err(Error::io("made private", &folder))
    }

    pub(crate) fn lock(&self) -> Result<Lock> {
        file::make_private_dir(&self.folder)?;
        file::lock(&self.folder.join(".docks.lock"))
    }

    /// The address of a folder whose record cannot be read.
    fn broken_at(&self, name: &str) -> Option<Address> {
        let address: Address = name.parse().ok()?;
        self.at(&address).is_err().then_some(address)
    }
}

/// The record in this folder, if there is one.
fn read(folder: &Path) -> Result<Option<Dock>> {
    let file = folder.join(record::FILE);
    match fs::read(&file) {
        Ok(bytes) => record::parse(&file, &bytes).map(Some),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Error::io("read", &file)(error)),
    }
}

/// A broken record is told where it is the one that was meant: by its folder, or by the moniker that it holds.
fn unknown(name: &str, docks: &[Dock], broken: Vec<Error>) -> Error {
    if let Some(meant) =
        broken.into_iter().find(|error| error.file().is_some_and(|file| is_meant(file, name)))
    {
        return meant;
    }
    let names = docks.iter().flat_map(|dock| [dock.moniker.as_str(), dock.address.as_str()]);
    let hint = match nearest(name, names) {
        Some(nearest) => format!(", did you mean `{nearest}`? (ls-dock lists them)"),
        None if docks.is_empty() => " and no other: `register-dock ADDRESS MONIKER` registers one".to_owned(),
        None => " (ls-dock lists them)".to_owned(),
    };
    Error::Unknown { name: name.escape_debug().to_string(), hint }
}

fn is_meant(record: &Path, name: &str) -> bool {
    folder(record) == name || fs::read(record).is_ok_and(|bytes| record::is_called(&bytes, name))
}

fn remove(path: &Path, by: impl FnOnce(&Path) -> io::Result<()>) -> Result<()> {
    match by(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("removed", path)(error)),
        _ => Ok(()),
    }
}

fn remove_empty(folder: &Path) -> Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
            Err(Error::io("removed", folder)(error))
        }
        _ => Ok(()),
    }
}
