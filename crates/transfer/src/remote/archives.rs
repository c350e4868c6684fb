//! The state of archives that are sent one after the other, each in a session of its own, without the sessions: so every
//! order of events can be tested without ssh.

use std::time::{Duration, Instant};

/// The time that a session gets to end after its input has broken: its output shows the reason.
const GRACE: Duration = Duration::from_secs(10);

/// The chunks that a session accepts: one that is being written, and the next.
const ROOM: usize = 2;

/// The archives that were started, which are numbered from 0.
#[derive(Debug, Default)]
pub(super) struct Archives {
    started: usize,
    loaded: usize,
    /// The number of chunks that the session of the last archive accepts. `None` if all its chunks are given.
    room: Option<usize>,
    /// When the transfer has failed, because an input has broken.
    deadline: Option<Instant>,
}

impl Archives {
    /// Starts the next archive, and returns its number.
    pub(super) fn start(&mut self) -> usize {
        self.room = Some(ROOM);
        self.started += 1;
        self.started - 1
    }

    /// Returns whether the last archive has begun and not ended.
    pub(super) fn is_sending(&self) -> bool {
        self.room.is_some()
    }

    /// Returns whether the current session accepts a chunk. Docker accepts the last one of an archive only after the
    /// archive whose layers it builds on.
    pub(super) fn accepts(&self, is_last: bool) -> bool {
        self.room.is_none_or(|room| room > 0) && !(is_last && self.loaded + 1 < self.started)
    }

    /// Accounts for a chunk that the current session is given.
    pub(super) fn on_send(&mut self, is_last: bool) {
        self.room = self.room.map(|room| room.saturating_sub(1)).filter(|_| !is_last);
    }

    /// Accounts for a chunk that the session of an archive has written.
    pub(super) fn on_written(&mut self, archive: usize) {
        if archive + 1 == self.started {
            self.room = self.room.map(|room| room + 1);
        }
    }

    /// Accounts for an archive whose session accepts no more bytes.
    pub(super) fn on_broken(&mut self, now: Instant) {
        self.deadline.get_or_insert(now + GRACE);
    }

    /// Accounts for an archive that docker has loaded. Returns whether all of it had been given.
    pub(super) fn on_loaded(&mut self, archive: usize) -> bool {
        self.loaded += 1;
        archive + 1 < self.started || self.room.is_none()
    }

    /// Returns whether all archives are loaded.
    pub(super) fn is_finished(&self) -> bool {
        self.loaded >= self.started
    }

    /// Returns whether a session whose input has broken did not end in time.
    pub(super) fn has_failed(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the state while the second archive is sent.
    fn sending() -> Archives {
        let mut archives = Archives::default();
        assert_eq!(archives.start(), 0);
        archives.on_send(true);
        assert_eq!(archives.start(), 1);
        archives
    }

    #[test]
    fn a_session_accepts_two_chunks_at_a_time() {
        let mut archives = sending();
        archives.on_send(false);
        assert!(archives.accepts(false));
        archives.on_send(false);
        assert!(!archives.accepts(false));
        archives.on_written(0);
        assert!(!archives.accepts(false));
        archives.on_written(1);
        assert!(archives.accepts(false));
    }

    #[test]
    fn the_last_chunk_waits_until_the_archive_before_is_loaded() {
        let mut archives = sending();
        assert!(!archives.accepts(true) && archives.accepts(false));
        assert!(archives.on_loaded(0));
        assert!(archives.accepts(true));
        archives.on_send(true);
        assert!(!archives.is_finished() && !archives.is_sending());
        assert!(archives.on_loaded(1));
        assert!(archives.is_finished());
    }

    #[test]
    fn docker_must_not_end_before_its_input() {
        let mut archives = sending();
        assert!(!archives.on_loaded(1));
    }

    #[test]
    fn a_broken_input_ends_the_transfer_whatever_else_happens() {
        let now = Instant::now();
        let events: [fn(&mut Archives, Instant); 3] = [
            |archives, now| archives.on_broken(now),
            |archives, _| archives.on_written(1),
            |archives, _| assert!(archives.on_loaded(0)),
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let mut archives = sending();
            for event in order {
                events[event](&mut archives, now);
            }
            // A second sign does not extend the time.
            archives.on_broken(now + GRACE);
            assert!(!archives.has_failed(now) && archives.has_failed(now + GRACE), "{order:?}");
        }
    }
}
