//! The public interface of the crate: words, records, the store, ssh and its configuration.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

mod fault;
mod fragment;
mod include;
mod instance;
mod journal;
mod last_dock;
mod records;
mod relocate;
mod store;
mod strategies;
mod words;

use std::fs;
use std::path::Path;

use dockerutils_dock::{Dock, Docks};
use tempfile::TempDir;

/// The docks of a temporary home folder.
struct Home {
    folder: TempDir,
    docks: Docks,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a home folder");
        Home { docks: Docks::of_user(folder.path()), folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a record as it stands.
    fn record(&self, folder: &str, text: impl AsRef<[u8]>) {
        let folder = self.path().join(".docker").join(folder);
        fs::create_dir_all(&folder).expect("a dock's folder");
        fs::write(folder.join("connection_config.txt"), text).expect("a record");
    }
}

fn dock(address: &str, moniker: &str) -> Dock {
    Dock { moniker: moniker.parse().expect("a moniker"), ..Dock::new(address.parse().expect("an address")) }
}

/// Returns a dock on EC2.
fn instance_dock(address: &str, moniker: &str, instance: &str) -> Dock {
    Dock { instance_id: Some(instance.parse().expect("an instance ID")), ..dock(address, moniker) }
}
