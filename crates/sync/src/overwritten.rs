//! What a sync overwrites or deletes on a dock, kept in the workspace.
//!
//! Between the comparison and the moment when rsync replaces a file, the dock may change it. So each sync keeps what it
//! replaces, and removes it afterwards unless it changed since the comparison. A forced sync keeps everything.

use std::ffi::OsString;

use chrono::Local;

use crate::diagnosis::PARTIAL_TRANSFER;
use crate::remote_rsync::{KEPT, RECORD};

/// The folder in a workspace. It is neither sent nor fetched nor deleted.
pub(crate) const FOLDER: &str = ".dockerutils-backup";

/// The folder that keeps what one sync overwrites and deletes on the dock.
#[derive(Debug, Clone)]
pub(crate) struct Overwritten {
    /// Its path in the workspace.
    pub(crate) folder: String,
    /// Whether what was known to the comparison is kept too.
    pub(crate) keeps_all: bool,
}

impl Overwritten {
    /// Returns the folder of a sync that starts now.
    pub(crate) fn new(keeps_all: bool) -> Self {
        let time = Local::now().format("%Y-%m-%d_%H.%M.%S");
        Overwritten { folder: format!("{FOLDER}/{time}"), keeps_all }
    }

    /// Returns the arguments with which rsync moves there what it replaces.
    pub(crate) fn args(&self) -> [OsString; 2] {
        ["--backup".into(), format!("--backup-dir={}", self.folder).into()]
    }

    /// Returns the commands that run rsync on the dock, in a script that knows the workspace as `p`. Their exit status is
    /// [`KEPT`] if rsync succeeded, at least in part, and the folder keeps something that the comparison has not seen.
    pub(crate) fn script(&self) -> String {
        // Two processes of rsync make backups, and fail if both create their folder at the same moment.
        let run = format!("d=$p/{}; mkdir -p \"$d\"; rsync \"$@\"; c=$?", self.folder);
        let remove_empty = format!(
            "find \"$d\" -depth -type d -exec rmdir {{}} \\; 2>/dev/null; rmdir \"$p/{FOLDER}\" 2>/dev/null"
        );
        if self.keeps_all {
            return format!("{run}; {remove_empty}; exit $c");
        }
        // The comparison has given the record the time of its beginning. A file that is younger changed since then; one
        // that is even younger than the end came from a machine whose clock is ahead.
        format!(
            "{run}; e=$d.end; : >\"$e\"; find \"$d\" -type d -o -newer \"$e\" -exec rm -f {{}} + -o -newer \"$p/{RECORD}\" \
             -o -exec rm -f {{}} +; rm -f \"$e\"; {remove_empty}; test -d \"$d\" && case $c in 0|{PARTIAL_TRANSFER}) exit {KEPT};; esac; exit $c"
        )
    }
}
