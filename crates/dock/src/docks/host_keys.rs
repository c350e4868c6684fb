//! Host keys that are known before the first connection.

use std::fmt::Write as _;

use super::Docks;
use crate::file::replace_private;
use crate::{Dock, Result};

impl Docks {
    /// Stores the host keys of a dock, each as `KIND KEY`, in place of those that were known. From then on ssh accepts no
    /// others.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn set_host_keys(&self, dock: &Dock, keys: &[String]) -> Result {
        let mut text = String::new();
        for key in keys {
            let _ = writeln!(text, "{} {key}", dock.identity());
        }
        self.make_folder(dock)?;
        replace_private(&self.known_hosts(dock), text.as_bytes())
    }
}
