//! The docks of a user: the folders of `~/.docker` that hold a record.
//!
//! Records are changed under one lock, so two commands at a time lose no change. A broken record affects only its own
//! dock.

mod host_keys;
mod paths;
mod relocate;
mod reminder;

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use dockerutils_command::printable;
use dockerutils_config::nearest;

use crate::error::folder;
use crate::file::{self, Lock, remove};
use crate::ssh::OTHER_HOSTS;
use crate::{Address, Dock, Error, Inclusion, Result, fragment, include, instance, record};

/// The name of the file of known host keys in a dock's folder.
const KNOWN_HOSTS: &str = "known_hosts";

/// The name of the folder in a dock's folder in which sync-up and sync-down keep their state.
const SYNC: &str = "sync";

/// The docks of a user.
#[derive(Debug, Clone)]
pub struct Docks {
    home: PathBuf,
    folder: PathBuf,
}

/// All records: the valid ones, and the errors of the others.
#[derive(Debug)]
pub struct Listing {
    /// The docks, in the order of their monikers.
    pub docks: Vec<Dock>,
    /// The errors of the records that cannot be read.
    pub broken: Vec<Error>,
}

impl Docks {
    /// Returns the docks of the current user: those below HOME, or below the home folder that the system knows.
    ///
    /// # Errors
    /// Returns [`Error::NoHome`] if neither is an absolute path.
    pub fn of_current_user() -> Result<Self> {
        let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or(Error::NoHome)?;
        Ok(Docks::of_user(&home))
    }

    /// Returns the docks of the user with this home folder.
    pub fn of_user(home: &Path) -> Self {
        Docks { home: home.to_owned(), folder: home.join(".docker") }
    }

    /// Returns the docks whose records are valid, in the order of their monikers.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn all(&self) -> Result<Vec<Dock>> {
        Ok(self.list()?.docks)
    }

    /// Returns all records, and the errors of those that are broken.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
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

    /// Returns the dock with this moniker, address or instance ID.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`] if no dock has the name, and [`Error::Ambiguous`] if several have that moniker.
    pub fn find(&self, name: &str) -> Result<Dock> {
        let Listing { mut docks, broken } = self.list()?;
        // The address first: it belongs to one dock, while older versions allowed one moniker for several docks.
        let is_named = |dock: &Dock| dock.address.as_str() == name || dock.identity() == name;
        if let Some(index) = docks.iter().position(is_named) {
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

    /// Returns the dock at this address; `None` if none is registered there.
    ///
    /// # Errors
    /// Fails if its record is broken or cannot be read.
    pub fn at(&self, address: &Address) -> Result<Option<Dock>> {
        read(&self.folder.join(address.as_str()))
    }

    /// Writes the dock's record and what is made from it: its files for ssh.
    ///
    /// # Errors
    /// Returns [`Error::Taken`] if another dock has the moniker; fails if a file cannot be written.
    pub fn register(&self, dock: &Dock) -> Result<()> {
        self.update(&dock.address, |_| dock.clone()).map(|_| ())
    }

    /// Replaces the record at this address by what `change` returns for it. No other command can change it in between.
    ///
    /// # Errors
    /// Fails as [`register`](Self::register) does, or if the present record is broken.
    pub fn update(&self, address: &Address, change: impl FnOnce(Option<Dock>) -> Dock) -> Result<Dock> {
        let _lock = self.lock()?;
        // Read again under the lock: another command may have changed the record since the caller read it.
        let dock = change(self.at(address)?);
        self.write(&dock)?;
        Ok(dock)
    }

    /// Writes the dock's record and what is made from it. The caller holds the lock.
    fn write(&self, dock: &Dock) -> Result<()> {
        self.check_moniker(dock)?;
        self.make_folder(dock)?;
        let file = self.folder(dock).join(record::FILE);
        // Comments and keys that are not ours are kept.
        let before = file::read_or_empty(&file)?;
        file::replace_private(&file, record::format(dock, &before).as_bytes())?;
        self.refresh_ssh_files(dock);
        self.write_ssh_config()
    }

    /// Checks that the dock's moniker is neither the moniker nor the address of another dock.
    ///
    /// # Errors
    /// Returns [`Error::Taken`] if it is.
    pub fn check_moniker(&self, dock: &Dock) -> Result<()> {
        let name = dock.moniker.as_str();
        let mut others = self.all()?.into_iter().filter(|other| other.address != dock.address);
        match others.find(|other| other.moniker.as_str() == name || other.address.as_str() == name) {
            Some(other) => Err(Error::Taken { moniker: dock.moniker.clone(), taken_by: other.address }),
            None => Ok(()),
        }
    }

    /// Removes a dock's record, known host keys, fragment and sync state, and its folder if it is then empty.
    ///
    /// A broken record can be removed by the name of its folder.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`] if there is no such dock; fails if a file cannot be removed.
    pub fn unregister(&self, name: &str) -> Result<Address> {
        let _lock = self.lock()?;
        let address = match self.find(name) {
            Ok(dock) => dock.address,
            Err(error) => self.broken_at(name).ok_or(error)?,
        };
        self.clear(&address)?;
        self.write_ssh_config()?;
        if self.is_empty()? {
            // transfer-image writes it again when it needs it.
            remove(&self.file(OTHER_HOSTS), |path| fs::remove_file(path))?;
        }
        Ok(address)
    }

    /// Removes the files of a dock that has no record.
    pub(crate) fn forget_unregistered(&self, dock: &Dock) -> Result<()> {
        let _lock = self.lock()?;
        if self.folder(dock).join(record::FILE).exists() { Ok(()) } else { self.clear(&dock.address) }
    }

    fn clear(&self, address: &Address) -> Result<()> {
        let folder = self.folder.join(address.as_str());
        // By name: the folder may hold files of the user's, or docker's (certificates). ssh creates known_hosts.old when it
        // updates host keys.
        let of_ssh = [fragment::CALLS, fragment::PROBES, fragment::OLD_FILE, KNOWN_HOSTS, "known_hosts.old"];
        for file in of_ssh.into_iter().chain([instance::FILE, record::FILE]) {
            remove(&folder.join(file), |path| fs::remove_file(path))?;
        }
        // The state describes the machine that was here; the next machine at this address has other files.
        remove(&folder.join(SYNC), |path| fs::remove_dir_all(path))?;
        remove_empty(&folder)
    }

    /// Makes `~/.ssh/config` include the docks.
    ///
    /// # Errors
    /// Fails if the file cannot be read or written.
    pub fn include_in_ssh_config(&self) -> Result<Inclusion> {
        let _lock = self.lock()?;
        let inclusion = include::add(&self.home)?;
        // The files that earlier versions included are of no use from now on.
        for dock in self.all()? {
            remove(&self.folder(&dock).join(fragment::OLD_FILE), |path| fs::remove_file(path))?;
        }
        Ok(inclusion)
    }

    /// Removes the lines from `~/.ssh/config` that include the docks, if no dock is left and the lines are as
    /// [`include_in_ssh_config`](Self::include_in_ssh_config) has added them. Returns whether the file has changed.
    ///
    /// # Errors
    /// Fails if the file cannot be read or written.
    pub fn exclude_from_ssh_config(&self) -> Result<bool> {
        let _lock = self.lock()?;
        if self.is_empty()? { include::remove(&self.home) } else { Ok(false) }
    }

    /// Returns whether neither a valid nor a broken record exists.
    fn is_empty(&self) -> Result<bool> {
        let Listing { docks, broken } = self.list()?;
        Ok(docks.is_empty() && broken.is_empty())
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Returns the path of a file in `~/.docker`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn make_folder(&self, dock: &Dock) -> Result<()> {
        let folder = self.folder(dock);
        file::make_private_dir(&folder)?;
        // The original dockerutils, or the user, may have created the folder with another mode.
        fs::set_permissions(&folder, Permissions::from_mode(0o700))
            .map_err(Error::io("made private", &folder))
    }

    pub(crate) fn lock(&self) -> Result<Lock> {
        file::make_private_dir(&self.folder)?;
        file::lock(&self.folder.join(".docks.lock"))
    }

    /// Returns the address of a dock whose record cannot be read.
    fn broken_at(&self, name: &str) -> Option<Address> {
        // Only a valid address: any other name could lead out of the folder of docks.
        let address: Address = name.parse().ok()?;
        self.at(&address).is_err().then_some(address)
    }
}

/// Reads the record in this folder; `None` if it does not exist.
fn read(folder: &Path) -> Result<Option<Dock>> {
    let file = folder.join(record::FILE);
    match file::read_in(folder, record::FILE) {
        Ok(bytes) => record::parse(&file, &bytes).map(Some),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Error::io("read", &file)(error)),
    }
}

/// Returns why no dock has this name: the error of a broken record if the name is that of its folder or its moniker.
fn unknown(name: &str, docks: &[Dock], broken: Vec<Error>) -> Error {
    if let Some(error) =
        broken.into_iter().find(|error| error.file().is_some_and(|file| has_name(file, name)))
    {
        return error;
    }
    let names = docks.iter().flat_map(|dock| [dock.moniker.as_str(), dock.address.as_str()]);
    let hint = match nearest(name, names) {
        Some(nearest) => Some(format!(", did you mean `{nearest}`? (ls-dock lists them)")),
        None => (!docks.is_empty()).then(|| " (ls-dock lists them)".to_owned()),
    };
    Error::Unknown { name: printable(name).into_owned(), hint }
}

fn has_name(record: &Path, name: &str) -> bool {
    folder(record) == name
        || dockerutils_file::read(record).is_ok_and(|bytes| record::has_moniker(&bytes, name))
}

fn remove_empty(folder: &Path) -> Result<()> {
    match fs::remove_dir(folder) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {
            Err(Error::io("removed", folder)(error))
        }
        _ => Ok(()),
    }
}
