//! Times of commands.

use std::process::{Command, Stdio};
use std::time::Instant;

/// How often something is measured.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    /// First rounds that do not count: files are read from disk, caches are filled.
    pub warm_up: usize,
    /// Rounds that count.
    pub counted: usize,
}

impl Rounds {
    /// Measures `N` subjects in turns, and returns the median of each.
    ///
    /// They take turns so that a disturbance of the machine hits all of them, and the first subject changes with every
    /// round so that none has the advantage of its place.
    pub fn medians<const N: usize>(self, mut measure: impl FnMut(usize) -> f64) -> [f64; N] {
        let mut results = [const { Vec::new() }; N];
        for round in 0..self.warm_up + self.counted {
            for step in 0..N {
                let subject = (round + step) % N;
                let result = measure(subject);
                if round >= self.warm_up {
                    results[subject].push(result);
                }
            }
        }
        results.map(median)
    }

    /// Runs commands in turns, and returns the median time of each in seconds.
    pub fn medians_of<const N: usize>(self, mut commands: [Command; N]) -> [f64; N] {
        self.medians(|subject| seconds_of(&mut commands[subject]))
    }
}

/// Runs a command, and returns its time in seconds.
///
/// # Panics
/// Panics with what the command wrote to standard error if it fails.
#[track_caller]
pub fn seconds_of(command: &mut Command) -> f64 {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|err| panic!("{command:?}: {err}"));
    let seconds = start.elapsed().as_secs_f64();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    seconds
}

/// Returns the median; NaN if there are no values.
pub fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

#[cfg(test)]
mod tests {
    use super::{Rounds, median};

    #[test]
    fn the_median_of_an_even_count_is_between_the_middle_values() {
        assert_eq!(median(vec![9.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(vec![4.0, 1.0, 9.0, 2.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn subjects_take_turns_and_the_first_changes_with_every_round() {
        let mut order = Vec::new();
        let rounds = Rounds { warm_up: 1, counted: 2 };
        let medians = rounds.medians(|subject| {
            order.push(subject);
            order.len() as f64
        });
        assert_eq!(order, [0, 1, 1, 0, 0, 1]);
        // Of the counted rounds: 4th and 5th measurement, 3rd and 6th.
        assert_eq!(medians, [4.5, 4.5]);
    }
}
