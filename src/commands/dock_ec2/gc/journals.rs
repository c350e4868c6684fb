//! The journals of creations that were killed, or could not be undone.

use std::fs;
use std::time::UNIX_EPOCH;

use dockerutils_dock::journal::Journal;
use dockerutils_dock::{Docks, Profile};

use crate::{Result, ui};

/// The journal of an attempt whose create-dock has ended.
pub(super) struct DeadJournal {
    /// The dock's name.
    pub(super) dock: String,
    /// The attempt.
    pub(super) attempt: String,
    /// The number of the account.
    pub(super) account: String,
    /// The region.
    pub(super) region: String,
    /// The profile, if one was chosen.
    pub(super) profile: Option<Profile>,
    /// When it was written last, in seconds since 1970.
    pub(super) begun: i64,
    journal: Journal,
}

/// Opens the journals whose command has ended. One that is broken is reported and left.
pub(super) fn dead(docks: &Docks) -> Result<Vec<DeadJournal>> {
    let mut dead = Vec::new();
    for attempt in docks.unfinished_attempts()?.into_iter().filter(|attempt| !attempt.is_live) {
        match docks.open_journal(&attempt.moniker, &attempt.attempt) {
            Ok(journal) => dead.push(DeadJournal::new(journal)),
            Err(error) => ui::warn(error),
        }
    }
    Ok(dead)
}

impl DeadJournal {
    fn new(journal: Journal) -> Self {
        let begun = &journal.attempt().begun;
        // Without a time it counts as young, and is not removed.
        let modified = fs::metadata(journal.path()).and_then(|file| file.modified()).ok();
        let seconds =
            modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map(|time| time.as_secs());
        DeadJournal {
            dock: begun.dock.to_string(),
            attempt: begun.attempt.to_string(),
            account: begun.account.to_string(),
            region: begun.region.to_string(),
            profile: begun.profile.clone(),
            begun: seconds.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(i64::MAX / 2),
            journal,
        }
    }
}

/// Removes the journals that can be removed, and returns how many are left.
///
/// # Errors
/// Fails if a file cannot be removed.
pub(super) fn remove(
    journals: Vec<DeadJournal>,
    is_removable: impl Fn(&DeadJournal) -> bool,
) -> Result<usize> {
    let (removable, left): (Vec<_>, Vec<_>) = journals.into_iter().partition(is_removable);
    for journal in removable {
        journal.journal.remove()?;
    }
    Ok(left.len())
}
