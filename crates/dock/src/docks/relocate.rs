//! The address of an instance changes when it is stopped and started. Its folder is renamed, so record, host key, sync state
//! and everything else in it move at once.
//!
//! The rename is the step that counts: the address of an instance is its folder's name, whatever its record contains, and
//! the files for ssh are written again when they do not correspond to it. After a crash between two steps, the next command
//! therefore finds the dock at its new address.

use std::fs;

use super::Docks;
use crate::file::{read_or_empty, remove, replace_private};
use crate::{Address, Dock, Error, InstanceId, Moniker, Result, fragment, record};

impl Docks {
    /// Writes the record of an instance, as [`register`](Self::register) does for any dock, but never in place of another
    /// dock's: the dock of another instance at the address moves away, as [`relocate`](Self::relocate) moves it. A record that
    /// the instance has at another address moves to this one.
    ///
    /// # Errors
    /// Returns [`Error::AddressInUse`] if the address is that of a dock that is not an instance, and fails as `register` does.
    pub fn register_instance(&self, dock: &Dock) -> Result {
        let _lock = self.lock()?;
        self.make_way(&dock.address, dock.instance_id.as_ref())?;
        let is_same = |known: &Dock| known.instance_id.is_some() && known.instance_id == dock.instance_id;
        if let Some(known) = self.all()?.into_iter().find(is_same) {
            self.move_to(&known, &dock.address)?;
        }
        self.write(dock)
    }

    /// Moves the dock of an instance to the instance's present address, and returns it.
    ///
    /// If another instance is registered at that address, it is not there any more: that dock moves to a folder named after
    /// its instance ID, and has no address until it is started.
    ///
    /// # Errors
    /// Returns [`Error::Unknown`] if no dock has this instance, [`Error::AddressInUse`] if the address is that of a dock that
    /// is not an instance, and fails if a folder cannot be renamed or a file cannot be written.
    pub fn relocate(&self, instance: &InstanceId, address: &Address) -> Result<Dock> {
        let _lock = self.lock()?;
        let dock = self.find(instance.as_str())?;
        self.make_way(address, Some(instance))?;
        let moved = self.move_to(&dock, address)?;
        self.write_ssh_config()?;
        Ok(moved)
    }

    /// Moves the dock of another instance away from the address of this one. The caller holds the lock.
    fn make_way(&self, address: &Address, instance: Option<&InstanceId>) -> Result {
        match self.at(address)?.filter(|other| other.instance_id.as_ref() != instance) {
            None => Ok(()),
            Some(other) => match &other.instance_id {
                Some(id) => self.move_to(&other, &Address::from(id)).map(|_| ()),
                None => Err(Error::AddressInUse { address: address.clone(), moniker: other.moniker }),
            },
        }
    }

    /// Renames a dock's folder if it has another name, and writes what contains the address. The caller holds the lock.
    fn move_to(&self, dock: &Dock, address: &Address) -> Result<Dock> {
        if dock.address != *address {
            self.rename(dock, address)?;
        }
        let has_no_moniker = dock.moniker == Moniker::from(&dock.address);
        let moniker = if has_no_moniker { Moniker::from(address) } else { dock.moniker.clone() };
        let moved = Dock { moniker, address: address.clone(), ..dock.clone() };
        let file = self.folder(&moved).join(record::FILE);
        let before = read_or_empty(&file)?;
        replace_private(&file, record::format(&moved, &before).as_bytes())?;
        self.refresh_ssh_files(&moved);
        Ok(moved)
    }

    fn rename(&self, dock: &Dock, address: &Address) -> Result {
        let (old, new) = (self.folder(dock), self.folder.join(address.as_str()));
        // It leads to the connection to the old address, which ssh would use as long as that process lives.
        remove(&fragment::control_link(&old), |path| fs::remove_file(path))?;
        if self.at(address)?.is_none() {
            // What a dock without a record has left, such as the host key of a check.
            self.clear(address)?;
        }
        // rename(2) replaces an empty folder, and refuses one that contains files of the user's.
        fs::rename(&old, &new).map_err(Error::io("replaced by the folder of a dock", &new))
    }
}
