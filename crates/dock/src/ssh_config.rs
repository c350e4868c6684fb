//! The file with all docks that the user's ssh configuration includes: it is made from the records.

use std::fs;

use crate::file::{read_or_empty, remove, replace_private};
use crate::fragment::{self, FILE, HEAD};
use crate::user_config::named_hosts;
use crate::{Dock, Docks, Moniker, Result};

impl Docks {
    /// Writes the file of all docks if it does not correspond to the records, because one was edited by hand.
    ///
    /// # Errors
    /// Fails if the records cannot be read, or if the file cannot be written.
    pub fn refresh_ssh_config(&self) -> Result {
        if read_or_empty(&self.file(FILE))? == self.ssh_config()?.as_bytes() {
            return Ok(());
        }
        let _lock = self.lock()?;
        self.write_ssh_config()
    }

    /// Writes the file of all docks, or removes it if no dock is registered. The caller holds the lock.
    pub(crate) fn write_ssh_config(&self) -> Result {
        let (file, text) = (self.file(FILE), self.ssh_config()?);
        if text.is_empty() {
            return remove(&file, |path| fs::remove_file(path));
        }
        if read_or_empty(&file)? == text.as_bytes() {
            Ok(())
        } else {
            replace_private(&file, text.as_bytes())
        }
    }

    /// Returns the text of the file; empty without docks.
    fn ssh_config(&self) -> Result<String> {
        let named = self.hosts_of_user();
        let blocks = self.all()?.into_iter().map(|dock| {
            let has_moniker = may_name(&dock.moniker, dock.address.as_str(), &named);
            fragment::format(&dock, &self.ssh_options(&dock), &self.folder(&dock), has_moniker)
        });
        let blocks: String = blocks.collect();
        Ok(if blocks.is_empty() { blocks } else { format!("{HEAD}{blocks}") })
    }

    /// Returns whether `ssh MONIKER` leads to the dock, as far as that is up to us.
    pub fn names_in_ssh_config(&self, dock: &Dock) -> bool {
        may_name(&dock.moniker, dock.address.as_str(), &self.hosts_of_user())
    }

    /// Returns whether the user's own ssh configuration has a `Host` with this name.
    pub fn user_names_host(&self, name: &str) -> bool {
        self.hosts_of_user().iter().any(|host| host == name)
    }

    fn hosts_of_user(&self) -> Vec<String> {
        named_hosts(self.home(), &self.file(FILE))
    }
}

/// Returns whether `ssh MONIKER` may lead to a dock: not if the name is that of another host, which the user's own
/// configuration names (`named`) or which the name itself denotes, as `github.com` and `localhost` do.
fn may_name(moniker: &Moniker, address: &str, named: &[String]) -> bool {
    let name = moniker.as_str();
    let is_host_name = name.contains(['.', ':']) || name.eq_ignore_ascii_case("localhost");
    !named.iter().any(|host| host == name) && (name == address || !is_host_name)
}
