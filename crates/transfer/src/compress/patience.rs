//! How often compression is tried on content that it does not make smaller.

use std::sync::atomic::{AtomicU32, Ordering};

/// After so many failures in a row it is tried no more rarely: content may change.
const RAREST: u32 = 6;

/// Tries every block, then every second, fourth, … one, for as long as none gets smaller.
#[derive(Debug, Default)]
pub(super) struct Patience {
    failures: AtomicU32,
    skipped: AtomicU32,
}

impl Patience {
    /// Whether this block is to be tried.
    pub(super) fn tries(&self) -> bool {
        let skipped = self.skipped.fetch_add(1, Ordering::Relaxed) + 1;
        let is_due = skipped >= 1 << self.failures.load(Ordering::Relaxed).min(RAREST);
        if is_due {
            self.skipped.store(0, Ordering::Relaxed);
        }
        is_due
    }

    /// What came of a block that was tried.
    pub(super) fn saw(&self, got_smaller: bool) {
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
    fn what_does_not_get_smaller_is_tried_ever_more_rarely_and_at_once_again_when_it_does() {
        let patience = Patience::default();
        let tries_of = |blocks: usize, got_smaller| {
            let try_one = |_: &usize| {
                let tries = patience.tries();
                if tries {
                    patience.saw(got_smaller);
                }
                tries
            };
            (0..blocks).filter(try_one).count()
        };
        // 1, 2, 4, … 64 blocks are let pass for each try, and then always 64.
        assert_eq!(tries_of(127, false), 7);
        assert_eq!(tries_of(640, false), 10);
        assert_eq!(tries_of(64, true), 1);
        assert_eq!(tries_of(10, true), 10);
    }
}
