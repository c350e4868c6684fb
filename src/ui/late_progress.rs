//! Progress of a transfer that is usually over before anybody looks.

use std::fmt::Display;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::ByteProgress;

/// How long a transfer may last without a bar.
const LIMIT: Duration = Duration::from_secs(1);

/// Runs a transfer that reports how many of how many bytes are done. On a terminal, a bar with `message` at its end appears
/// after a second, and disappears at the end.
pub(crate) fn show_progress<T>(
    message: impl Display,
    transfer: impl FnOnce(Option<&(dyn Fn(u64, u64) + Sync)>) -> T,
) -> T {
    if !stderr().is_terminal() {
        return transfer(None);
    }
    let progress =
        LateProgress { message: message.to_string(), begin: Instant::now(), bar: Mutex::default() };
    transfer(Some(&|done, total| progress.show(done, total)))
}

/// A progress bar that does not exist in the first second.
struct LateProgress {
    message: String,
    begin: Instant,
    bar: Mutex<Option<ByteProgress>>,
}

impl LateProgress {
    fn show(&self, done: u64, total: u64) {
        if self.begin.elapsed() < LIMIT {
            return;
        }
        // Progress must not end a transfer, even after a panic while the lock was held.
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        bar.get_or_insert_with(|| ByteProgress::draw(Some(total), &self.message)).set(done);
    }
}
