//! A change that a sync would make, printed on one line of a dry run.

use std::fmt;
use std::path::PathBuf;

use dockerutils_command::{is_printable, quote};

/// A transfer or a deletion that a sync would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChange {
    /// The path of a file or symbolic link; of a deletion, also that of a folder.
    pub path: PathBuf,
    /// Whether the path is deleted; otherwise it is transferred.
    pub is_deleted: bool,
}

impl fmt::Display for PlannedChange {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let path = self.path.to_string_lossy();
        // A plain path is easier to feed to other programs; a line break an escape sequence or a reversing mark in a name, however, would
        // forge further lines or reach the terminal.
        let is_plain = self.path.to_str().is_some_and(|path| path.chars().all(is_printable));
        let path = if is_plain { path.into_owned() } else { quote(self.path.as_os_str()) };
        write!(f, "{}{path}", if self.is_deleted { "deleting " } else { "" })
    }
}
