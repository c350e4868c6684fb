//! What a sync overwrites or deletes on a dock, kept in the workspace.
//!
//! Between the comparison and the moment when rsync replaces a file, the dock may change it. So each sync keeps what it
//! replaces, and removes it afterwards unless it changed since the comparison. A forced sync keeps everything.
//!
//! While a sync that is not forced keeps files, an empty file beside its folder (`TIME.end`) marks the folder. What a sync
//! that was killed has left is therefore known, and the next one that sends removes it by the same rule.

use std::ffi::OsString;

use chrono::Local;

use crate::diagnosis::PARTIAL_TRANSFER;
use crate::remote_rsync::KEPT;

/// The folder in a workspace. It is neither sent nor fetched nor deleted.
pub(crate) const FOLDER: &str = ".dockerutils-backup";

/// Removes the folders in `d` that are empty.
const REMOVE_EMPTY: &str =
    "find \"$d\" -depth -type d -exec rmdir {} \\; 2>/dev/null; rmdir \"${d%/*}\" 2>/dev/null";

/// Removes from `d` what the comparison has seen: it has given the record `r` the time of its beginning, and a file that
/// is younger changed since then. `e` is the file that marks the folder.
const REMOVE_KNOWN: &str = "find \"$d\" -type d -o -newer \"$r\" -o -exec rm -f {} +; rm -f \"$e\"";

/// Returns the commands that remove what syncs that were killed have left in the workspace `p`. They come before the
/// comparison gives the record `r` a new time.
pub(crate) fn sweep_script() -> String {
    format!(
        "for e in \"$p\"/{FOLDER}/*.end; do test -f \"$e\" || continue; d=${{e%.end}}; {REMOVE_KNOWN}; {REMOVE_EMPTY}; done"
    )
}

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
        let create = format!("d=$p/{}; mkdir -p \"$d\"", self.folder);
        let run = "rsync \"$@\"; c=$?";
        if self.keeps_all {
            return format!("{create}; {run}; {REMOVE_EMPTY}; exit $c");
        }
        // A file that is younger than the end came from a machine whose clock is ahead.
        format!(
            "{create}; e=$d.end; : >\"$e\"; {run}; touch \"$e\"; find \"$d\" -type d -o -newer \"$e\" -exec rm -f {{}} +; \
             {REMOVE_KNOWN}; {REMOVE_EMPTY}; test -d \"$d\" && case $c in 0|{PARTIAL_TRANSFER}) exit {KEPT};; esac; exit $c"
        )
    }
}
