//! How many lanes a way deserves: twice as many for as long as those that are open run full, and no more where the line
//! or a processor holds them up.

use std::time::{Duration, Instant};

/// What ssh lets one session have on the way, in bytes: see channels.h of OpenSSH, CHAN_SES_WINDOW_DEFAULT.
const WINDOW: f64 = 2.0 * 1024.0 * 1024.0;

/// How many lanes a long way begins with; to open more takes it two round trips.
const FIRST: usize = 4;

/// A rate is measured over so many round trips.
const ROUND_TRIPS: u32 = 2;

/// Lanes run full where this part of what their windows let through in a round trip comes through.
const FULL: f64 = 0.6;

/// The measured rate of a way, held against what its lanes could take.
#[derive(Debug)]
pub(super) struct Width {
    round_trip: Duration,
    most: usize,
    /// How many lanes were open, what had been sent, and when.
    measured: Option<(usize, u64, Instant)>,
}

impl Width {
    /// For a way of this length, and at most so many lanes.
    pub(super) fn new(round_trip: Duration, most: usize) -> Self {
        Width { round_trip, most, measured: None }
    }

    /// How many lanes it begins with.
    pub(super) fn first(&self) -> usize {
        self.most.min(FIRST)
    }

    /// How many lanes are wanted, now that so many are open and so many bytes have been sent.
    pub(super) fn wanted(&mut self, open: usize, sent: u64, now: Instant) -> usize {
        let Some((_, before, start)) = self.measured.filter(|(lanes, ..)| *lanes == open) else {
            self.measured = Some((open, sent, now));
            return open;
        };
        let time = now.duration_since(start);
        if time < self.round_trip * ROUND_TRIPS {
            return open;
        }
        self.measured = Some((open, sent, now));
        #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
        let rate = (sent - before) as f64 / time.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let full = open as f64 * WINDOW / self.round_trip.as_secs_f64();
        if rate > FULL * full { (2 * open).min(self.most) } else { open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(50);

    /// The lanes after some seconds at the rate that a line of so many bytes a second lets through.
    fn lanes_for(line: u64) -> usize {
        let mut width = Width::new(ROUND_TRIP, 8);
        let (mut lanes, mut sent, start) = (width.first(), 0, Instant::now());
        for millis in (0..3000).step_by(10) {
            let windows = lanes as u64 * 2 * 1024 * 1024 * 20;
            sent += line.min(windows) / 100;
            lanes = width.wanted(lanes, sent, start + Duration::from_millis(millis)).max(lanes);
        }
        lanes
    }

    #[test]
    fn there_are_more_lanes_where_the_first_ones_run_full() {
        assert_eq!(lanes_for(10_000_000), 4);
        assert_eq!(lanes_for(90_000_000), 4);
        assert_eq!(lanes_for(140_000_000), 8);
        assert_eq!(lanes_for(1_000_000_000), 8);
    }

    #[test]
    fn fewer_are_opened_where_fewer_are_the_most() {
        assert_eq!(Width::new(ROUND_TRIP, 2).first(), 2);
        let mut width = Width::new(ROUND_TRIP, 6);
        let start = Instant::now();
        assert_eq!(width.wanted(4, 0, start), 4);
        assert_eq!(width.wanted(4, 1 << 30, start + ROUND_TRIP), 4);
        assert_eq!(width.wanted(4, 1 << 30, start + ROUND_TRIP * 2), 6);
    }
}
