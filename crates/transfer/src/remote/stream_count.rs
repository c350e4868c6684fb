//! How many streams carry a transfer: at most as many as the round trip makes useful, and in fact as many as the measured
//! rate fills.
//!
//! The number doubles as long as the open streams run full. It stays if the line or a processor is the limit.

use std::time::{Duration, Instant};

/// The bytes that ssh keeps in flight for one session: `CHAN_SES_WINDOW_DEFAULT` in channels.h of OpenSSH.
const WINDOW: f64 = 2.0 * 1024.0 * 1024.0;

/// A rate in bytes a second that no line or processor is expected to exceed.
const MAX_RATE: f64 = 400e6;

/// The most streams. sshd allows ten sessions (`MaxSessions`), and inspecting and finalizing need one each.
const MAX_STREAMS: usize = 8;

/// The number of streams that a transfer starts with. They are requested together, because opening more takes two
/// further round trips.
const FIRST_STREAMS: usize = 4;

/// The time over which a rate is measured, in round trips.
const MEASURED_ROUND_TRIPS: u32 = 2;

/// Streams run full if this share of what their windows allow arrives.
const FULL: f64 = 0.6;

/// Returns the most streams that are useful with this round trip, however fast the line is.
pub(crate) fn max_streams(round_trip: Duration) -> usize {
    let windows = round_trip.as_secs_f64() * MAX_RATE / WINDOW;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let streams = windows.ceil() as usize;
    streams.clamp(1, MAX_STREAMS)
}

/// The number of streams that a running transfer should have.
#[derive(Debug)]
pub(super) struct StreamCount {
    round_trip: Duration,
    max: usize,
    /// The number of open streams, the bytes sent, and the time when measuring started.
    start: Option<(usize, u64, Instant)>,
}

impl StreamCount {
    /// Creates the count for this round trip, with an upper limit.
    pub(super) fn new(round_trip: Duration, max: usize) -> Self {
        StreamCount { round_trip, max, start: None }
    }

    /// Returns the number of streams to start with.
    pub(super) fn first(&self) -> usize {
        self.max.min(FIRST_STREAMS)
    }

    /// Returns the number of streams that the transfer should have, given those that are open and the bytes sent.
    pub(super) fn wanted(&mut self, open: usize, sent: u64, now: Instant) -> usize {
        // With another number of streams the rate is another one: measuring starts again.
        let Some((_, sent_before, start)) = self.start.filter(|(streams, ..)| *streams == open) else {
            self.start = Some((open, sent, now));
            return open;
        };
        let time = now.duration_since(start);
        if time < self.round_trip * MEASURED_ROUND_TRIPS {
            return open;
        }
        self.start = Some((open, sent, now));
        #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
        let rate = (sent - sent_before) as f64 / time.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "there are few streams")]
        let full_rate = open as f64 * WINDOW / self.round_trip.as_secs_f64();
        if rate > FULL * full_rate { (2 * open).min(self.max) } else { open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(50);

    /// Returns the number of streams after some seconds on a line with this rate, in bytes a second.
    fn streams_for(line: u64) -> usize {
        let mut count = StreamCount::new(ROUND_TRIP, 8);
        let (mut streams, mut sent, start) = (count.first(), 0, Instant::now());
        for millis in (0..3000).step_by(10) {
            let windows = streams as u64 * 2 * 1024 * 1024 * 20;
            sent += line.min(windows) / 100;
            streams = count.wanted(streams, sent, start + Duration::from_millis(millis)).max(streams);
        }
        streams
    }

    #[test]
    fn a_longer_round_trip_allows_more_streams() {
        let max = |micros| max_streams(Duration::from_micros(micros));
        assert_eq!([100, 1_000, 5_000, 10_000, 20_000, 50_000, 300_000].map(max), [1, 1, 1, 2, 4, 8, 8]);
    }

    #[test]
    fn streams_are_added_if_the_first_ones_run_full() {
        assert_eq!(streams_for(10_000_000), 4);
        assert_eq!(streams_for(90_000_000), 4);
        assert_eq!(streams_for(140_000_000), 8);
        assert_eq!(streams_for(1_000_000_000), 8);
    }

    #[test]
    fn the_number_of_streams_does_not_exceed_the_limit() {
        assert_eq!(StreamCount::new(ROUND_TRIP, 2).first(), 2);
        let mut count = StreamCount::new(ROUND_TRIP, 6);
        let start = Instant::now();
        assert_eq!(count.wanted(4, 0, start), 4);
        assert_eq!(count.wanted(4, 1 << 30, start + ROUND_TRIP), 4);
        assert_eq!(count.wanted(4, 1 << 30, start + ROUND_TRIP * 2), 6);
    }
}
