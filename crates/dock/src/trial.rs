//! A dock's folder while the dock is tried out: it is there for the host key, and gone if nothing comes of it.

use crate::{Dock, Docks, Result};

/// Removes host key and folder when it is dropped, unless the dock has been registered.
#[derive(Debug)]
pub struct Trial<'a> {
    docks: &'a Docks,
    dock: &'a Dock,
}

impl Docks {
    /// Makes the dock's folder, for as long as it is tried out.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn try_out<'a>(&'a self, dock: &'a Dock) -> Result<Trial<'a>> {
        let _lock = self.lock()?;
        self.make_folder(dock)?;
        Ok(Trial { docks: self, dock })
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is removed by unregister-dock, or taken over by the next trial.
        let _ = self.docks.forget_unregistered(self.dock);
    }
}
