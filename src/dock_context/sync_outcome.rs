//! What a sync has left undone.

use std::path::PathBuf;

use dockerutils_dock::Moniker;
use dockerutils_sync::{Error, UpPlan, shortened_list};

use crate::{Result, ui};

/// Ends sync-up or sync-down. `command` is its name with the arguments that name the workspace.
///
/// # Errors
/// Fails if files could not be read or written, or were left alone; also after a dry run, so that a script notices it.
pub(crate) fn check_outcome(
    command: String,
    shortfall: Option<Error>,
    changed: Vec<PathBuf>,
    other_kinds: Vec<PathBuf>,
) -> Result {
    if changed.is_empty() && other_kinds.is_empty() {
        return shortfall.map_or(Ok(()), |shortfall| Err(shortfall.into()));
    }
    if let Some(shortfall) = shortfall {
        ui::warn(shortfall);
    }
    Err(Error::Conflicts { changed, other_kinds, command }.into())
}

/// Reports the folder on the dock that keeps what changed there while it was overwritten.
pub(crate) fn report_kept_files(plan: &UpPlan, dock: impl std::fmt::Display) {
    if let Some(folder) = &plan.kept {
        ui::warn(format_args!(
            "files changed on {dock} while they were overwritten: their versions are kept in {folder} of the project's copy there"
        ));
    }
}

/// Reports what was not sent for a container, which runs all the same.
pub(super) fn report_left_files(plan: &UpPlan, dock: &Moniker) {
    if let Some(shortfall) = plan.shortfall() {
        warn_of_failure(shortfall, dock);
    }
    report_kept_files(plan, dock);
    let conflicts: Vec<PathBuf> = plan.conflicts.iter().chain(&plan.other_kinds).cloned().collect();
    if !conflicts.is_empty() {
        ui::warn(format_args!(
            "not sent to {dock}, because they changed there too: {} (`sync-up {dock} --force` overwrites them, \
             --no-sync sends nothing)",
            shortened_list(&conflicts)
        ));
    }
    match plan.newer.len() {
        0 => {}
        1 => {
            ui::note(format_args!(
                "1 file changed on {dock} is left as it is: `sync-down {dock}` fetches it"
            ));
        }
        newer => ui::note(format_args!(
            "{newer} files changed on {dock} are left as they are: `sync-down {dock}` fetches them"
        )),
    }
}

/// Warns that a sync for a container has failed.
pub(super) fn warn_of_failure(reason: impl std::fmt::Display, dock: &Moniker) {
    ui::warn(format_args!(
        "not everything was sent to {dock}: {reason} (the container runs all the same; --no-sync sends nothing)"
    ));
}
