//! Times for people: `3 h 12 min`.

use std::fmt;

/// A time, displayed in its two largest units: `12 s`, `5 min`, `3 h 12 min`, `4 d 1 h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age(u64);

impl Age {
    /// Creates the value; a negative time, of clocks that differ, counts as none.
    pub(crate) fn of_seconds(seconds: i64) -> Self {
        Age(u64::try_from(seconds).unwrap_or(0))
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0 / 60;
        let (hours, days) = (minutes / 60, minutes / (24 * 60));
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{} s", self.0),
            (0, 0, _) => write!(f, "{minutes} min"),
            (0, ..) => write!(f, "{hours} h {} min", minutes % 60),
            _ => write!(f, "{days} d {} h", hours % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_two_largest_units() {
        let texts =
            [-5, 0, 59, 60, 3599, 3600, 11_520, 86_399, 90_000].map(|it| Age::of_seconds(it).to_string());
        assert_eq!(
            texts,
            ["0 s", "0 s", "59 s", "1 min", "59 min", "1 h 0 min", "3 h 12 min", "23 h 59 min", "1 d 1 h"]
        );
    }
}
