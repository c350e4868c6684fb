//! The folder of a dock that is being checked and is not registered yet: ssh stores its host key there.

use crate::{Dock, Docks, Result};

/// A dock whose folder exists for a check. Unless the dock is registered, dropping the value removes host key and folder.
#[derive(Debug)]
pub struct TentativeDock<'a> {
    docks: &'a Docks,
    dock: &'a Dock,
}

impl Docks {
    /// Creates the dock's folder for the time of a check.
    ///
    /// # Errors
    /// Fails if the folder cannot be created.
    pub fn prepare_tentative<'a>(&'a self, dock: &'a Dock) -> Result<TentativeDock<'a>> {
        let _lock = self.lock()?;
        self.make_folder(dock)?;
        self.refresh_ssh_files(dock);
        Ok(TentativeDock { docks: self, dock })
    }
}

impl Drop for TentativeDock<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed by unregister-dock, or used by the next check.
        let _ = self.docks.forget_unregistered(self.dock);
    }
}
