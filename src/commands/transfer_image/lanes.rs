//! Over how many sessions a stream is dealt out at most: one is enough unless the way is long. How many there are in
//! fact the rate tells that is measured while it is sent.

use std::time::Duration;

use dockerutils_transfer::target::{self, Target};

/// What ssh lets one session have on the way: see channels.h of OpenSSH, CHAN_SES_WINDOW_DEFAULT.
const WINDOW: f64 = 2.0 * 1024.0 * 1024.0;

/// The rate, in bytes a second, that no line or processor is expected to outrun.
const RATE: f64 = 400e6;

/// sshd allows ten sessions (MaxSessions), and two are needed besides.
const MOST: usize = 8;

/// How many sessions fill the way to a target, however good the line is.
///
/// # Errors
/// The connection is lost.
pub(super) fn for_way(target: &mut Target) -> target::Result<usize> {
    Ok(lanes(target.round_trip()?))
}

fn lanes(round_trip: Duration) -> usize {
    let windows = round_trip.as_secs_f64() * RATE / WINDOW;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let lanes = windows.ceil() as usize;
    lanes.clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_the_way_the_more_lanes() {
        let of = |micros| lanes(Duration::from_micros(micros));
        assert_eq!([100, 1_000, 5_000, 10_000, 20_000, 50_000, 300_000].map(of), [1, 1, 1, 2, 4, 8, 8]);
    }
}
