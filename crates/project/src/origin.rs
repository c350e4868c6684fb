//! The folder of a machine that a workspace on a dock is a copy of.

use std::path::Path;

/// How many characters of the machine's id are used: enough to tell a user's machines apart, and not the whole id, which
/// is confidential. See machine-id(5).
const ID_LENGTH: usize = 8;

/// A folder of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The line by which the folder is recognized. It holds the machine's id, because a laptop's name may change with
    /// its network; without an id it holds the name.
    pub key: String,
    /// `HOST:FOLDER`, for messages.
    pub shown: String,
}

impl Origin {
    /// Returns the folder `root` of this machine.
    pub(crate) fn of(root: &Path) -> Self {
        let id = dockerutils_file::read_to_string(Path::new("/etc/machine-id")).unwrap_or_default();
        Self::on(id.trim(), &host_name(), root)
    }

    fn on(id: &str, host: &str, root: &Path) -> Self {
        // The folder is the same through every symbolic link.
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        // Each of the two has to stay one line.
        let root = root.to_string_lossy().replace(char::is_control, "?");
        let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(ID_LENGTH).collect();
        let machine = if id.is_empty() { host } else { &id };
        Origin { key: format!("{machine} {root}"), shown: format!("{host}:{root}") }
    }
}

/// Returns the first part of the machine's name; the others change with its network.
fn host_name() -> String {
    let name = nix::unistd::gethostname().unwrap_or_default();
    let name = name.to_string_lossy();
    name.split('.').next().unwrap_or_default().replace(|c: char| c.is_control() || c == ' ', "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_recognized_by_its_machine_and_path() {
        let key = |id, host, root: &str| Origin::on(id, host, Path::new(root)).key;
        let here = key("c0ffee0123456789", "laptop", "/nowhere/a");
        assert_eq!(here, "c0ffee01 /nowhere/a");
        assert_eq!(here, key("c0ffee0123456789", "renamed", "/nowhere/a"));
        assert_ne!(here, key("c0ffee0123456789", "laptop", "/nowhere/b"));
        assert_ne!(here, key("decaf00123456789", "laptop", "/nowhere/a"));
        assert_eq!(key("", "laptop", "/nowhere/a"), "laptop /nowhere/a");
        let shown = Origin::on("", "laptop", Path::new("/nowhere/a\nb")).shown;
        assert_eq!(shown, "laptop:/nowhere/a?b");
    }
}
