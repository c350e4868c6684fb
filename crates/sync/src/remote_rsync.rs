//! What runs on the dock: a script that prepares the workspace and becomes rsync, or that reports why it cannot.
//!
//! The workspace holds a record of the folder that it is a copy of, so that two clones of a project do not mix their
//! files. A workspace without one is taken by the first that sends to it.

use dockerutils_project::Workspace;
use dockerutils_ssh::portable_script;

use crate::Error;
use crate::overwritten::{Overwritten, sweep_script};
use crate::rsync::IfMissing;

/// The name of the record in a workspace. It is neither sent nor fetched nor deleted.
pub(crate) const RECORD: &str = ".dockerutils-workspace";

/// Exit statuses of the script: EX_OSFILE and EX_CANTCREAT of sysexits.h, two of ours, and the shell's own for a missing
/// program. rsync itself uses none of them.
pub(crate) const MISSING: i32 = 72;
pub(crate) const NOT_CREATED: i32 = 73;
pub(crate) const OF_ANOTHER: i32 = 74;
/// Something is kept that the comparison has not seen.
pub(crate) const KEPT: i32 = 75;
pub(crate) const NO_RSYNC: i32 = 127;

/// The line after which the report begins. What a shell prints before it is not ours.
pub(crate) const REPORT: &str = "dockerutils-report";

/// Returns the value of `--rsync-path`.
///
/// # Errors
/// Fails if the workspace's path contains a NUL character.
pub(crate) fn remote_rsync(
    workspace: &Workspace,
    if_missing: IfMissing,
    overwritten: Option<&Overwritten>,
) -> Result<String, Error> {
    let run = overwritten.map_or_else(|| "exec rsync \"$@\"".to_owned(), Overwritten::script);
    script(&format!("{}; {run}", preparation(if_missing)), workspace)
}

/// Returns the line that reports the exit status of the same preparation, the owner of the workspace, and the version of
/// the dock's rsync, whatever the status is.
///
/// # Errors
/// Fails as [`remote_rsync`] does.
pub(crate) fn remote_report(workspace: &Workspace, if_missing: IfMissing) -> Result<String, Error> {
    let text = format!(
        "echo {REPORT}; ({}) 2>/dev/null; echo \"status $?\"; sed -n \"2s/^/owner /p\" \"$r\" 2>/dev/null; \
         rsync --version 2>/dev/null | sed -n \"1s/^/rsync /p\"; exit 0",
        preparation(if_missing)
    );
    script(&text, workspace)
}

/// Returns a script that knows the workspace as `p`, its record as `r`, and our own record as `k` and `s`.
fn script(text: &str, workspace: &Workspace) -> Result<String, Error> {
    let origin = workspace.origin();
    let text = format!(
        "p=$(printf %b \"$1\"); k=$(printf %b \"$2\"); s=$(printf %b \"$3\"); r=$p/{RECORD}; shift 3; {text}"
    );
    portable_script(&text, [workspace.path.as_str(), &origin.key, &origin.shown])
        .map_err(|_| Error::NulInProjectName)
}

/// Returns the commands that create or require the workspace, and check whose it is.
fn preparation(if_missing: IfMissing) -> String {
    let folder = match if_missing {
        // With noclobber, of two syncs that start at once one writes the record, and the other one reads it.
        IfMissing::Create => format!(
            "mkdir -p \"$p\" || exit {NOT_CREATED}; \
             test -s \"$r\" || (set -C; printf \"%s\\n%s\\n\" \"$k\" \"$s\" >\"$r\") 2>/dev/null; \
             test -s \"$r\" || exit {NOT_CREATED}; "
        ),
        IfMissing::Fail | IfMissing::Continue => format!("test -d \"$p\" || exit {MISSING}; "),
    };
    // A sync that sends creates the workspace when it compares. What changes on the dock from then on is younger.
    let stamp = match if_missing {
        IfMissing::Create => format!("; {}; touch \"$r\" 2>/dev/null", sweep_script()),
        IfMissing::Fail | IfMissing::Continue => String::new(),
    };
    format!(
        "{folder}test -s \"$r\" && {{ IFS= read -r l <\"$r\"; test \"$l\" = \"$k\" || exit {OF_ANOTHER}; }}; \
         command -v rsync >/dev/null || exit {NO_RSYNC}{stamp}"
    )
}
