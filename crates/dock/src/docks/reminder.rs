//! Reminders that are printed once a day.

use std::fs;
use std::time::{Duration, SystemTime};

use super::Docks;
use crate::file::{make_private_dir, replace_private};

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Docks {
    /// Returns whether a reminder was not printed within the last day, and notes that it is printed now.
    ///
    /// If that cannot be noted, the reminder is due: too often is better than never.
    pub fn is_due_today(&self, reminder: &str) -> bool {
        let file = self.file(&format!(".reminded-{reminder}"));
        let printed = fs::metadata(&file).and_then(|file| file.modified()).ok();
        // A time in the future, of a clock that was wrong, does not count.
        let age = printed.and_then(|printed| SystemTime::now().duration_since(printed).ok());
        if age.is_some_and(|age| age < DAY) {
            return false;
        }
        let _ = make_private_dir(&self.folder).and_then(|()| replace_private(&file, b""));
        true
    }
}
