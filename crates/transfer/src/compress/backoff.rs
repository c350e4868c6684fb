//! How often blocks are compressed while compression does not make them smaller.

use std::sync::atomic::{AtomicU32, Ordering};

/// After this many failures in a row the intervals do not grow any more: later files may be compressible again.
const MAX_DOUBLINGS: u32 = 6;

/// Chooses the blocks to compress: every one at first, then every second, fourth and so on until one gets smaller.
///
/// Several threads use it without a lock. Relaxed ordering is enough, because a wrong choice costs a little time and
/// nothing else.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: AtomicU32,
    skipped: AtomicU32,
}

impl Backoff {
    /// Returns whether this block should be compressed.
    pub(super) fn should_try(&self) -> bool {
        let skipped = self.skipped.fetch_add(1, Ordering::Relaxed) + 1;
        let is_due = skipped >= 1 << self.failures.load(Ordering::Relaxed).min(MAX_DOUBLINGS);
        if is_due {
            self.skipped.store(0, Ordering::Relaxed);
        }
        is_due
    }

    /// Records whether a block got smaller.
    pub(super) fn record(&self, got_smaller: bool) {
        if got_smaller {
            self.failures.store(0, Ordering::Relaxed);
        } else {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_double_up_to_64_blocks_and_end_with_the_first_success() {
        let backoff = Backoff::default();
        let count_tries = |blocks: usize, got_smaller| {
            let try_one = |_: &usize| {
                let is_due = backoff.should_try();
                if is_due {
                    backoff.record(got_smaller);
                }
                is_due
            };
            (0..blocks).filter(try_one).count()
        };
        // The tries are 1, 2, 4, … 64 blocks apart, and then always 64.
        assert_eq!(count_tries(127, false), 7);
        assert_eq!(count_tries(640, false), 10);
        assert_eq!(count_tries(64, true), 1);
        assert_eq!(count_tries(10, true), 10);
    }
}
