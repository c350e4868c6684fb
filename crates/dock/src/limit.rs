//! Limits of time of a dock on EC2: after how many idle minutes it stops, and after how many in any case.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// The longest time: a year.
const MAX: u32 = 366 * 24 * 60;

/// A number of minutes, from one to those of a year. In JSON it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Minutes(NonZeroU32);

/// After which idle time a dock stops itself. In JSON it is the number of minutes, or `null` for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Minutes>", into = "Option<Minutes>")]
pub enum IdleLimit {
    /// It never stops because it is idle.
    Never,
    /// It stops after this time.
    After(Minutes),
}

impl Minutes {
    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<u32> for Minutes {
    type Error = Invalid;

    fn try_from(number: u32) -> Result<Self, Invalid> {
        let minutes = NonZeroU32::new(number).filter(|number| number.get() <= MAX);
        minutes.map(Minutes).ok_or_else(|| invalid(&number.to_string(), "write 1 to 527040 minutes"))
    }
}

impl FromStr for Minutes {
    type Err = Invalid;

    /// Parses minutes, hours or days: `90m`, `8h`, `2d`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parsed = [("m", 1), ("h", 60), ("d", 24 * 60)].into_iter().find_map(|(unit, minutes)| {
            let digits = text.strip_suffix(unit)?;
            let number: u32 = digits.parse().ok().filter(|_| digits.chars().all(|c| c.is_ascii_digit()))?;
            Minutes::try_from(number.checked_mul(minutes)?).ok()
        });
        parsed.ok_or_else(|| {
            invalid(text, "write minutes, hours or days of at most a year, as in 60m, 8h and 2d")
        })
    }
}

fn invalid(value: &str, form: &'static str) -> Invalid {
    Invalid { value: value.to_owned(), what: "time", form }
}

impl fmt::Display for Minutes {
    /// Writes the time in the largest unit that divides it: `90m`, `8h`, `2d`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.get() {
            minutes if minutes % (24 * 60) == 0 => write!(f, "{}d", minutes / (24 * 60)),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

impl Default for IdleLimit {
    /// Returns an hour.
    fn default() -> Self {
        IdleLimit::After(Minutes(NonZeroU32::MIN.saturating_add(59)))
    }
}

impl FromStr for IdleLimit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "never" => Ok(IdleLimit::Never),
            _ => text.parse().map(IdleLimit::After).map_err(|error: Invalid| Invalid {
                form: "write never, or minutes, hours or days of at most a year, as in 60m, 8h and 2d",
                ..error
            }),
        }
    }
}

impl fmt::Display for IdleLimit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            IdleLimit::Never => f.write_str("never"),
            IdleLimit::After(minutes) => minutes.fmt(f),
        }
    }
}

impl From<Option<Minutes>> for IdleLimit {
    fn from(minutes: Option<Minutes>) -> Self {
        minutes.map_or(IdleLimit::Never, IdleLimit::After)
    }
}

impl From<IdleLimit> for Option<Minutes> {
    fn from(limit: IdleLimit) -> Self {
        match limit {
            IdleLimit::Never => None,
            IdleLimit::After(minutes) => Some(minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_minutes_hours_and_days_and_written_in_the_largest_unit() {
        for (text, minutes, written) in
            [("1m", 1, "1m"), ("90m", 90, "90m"), ("60m", 60, "1h"), ("8h", 480, "8h"), ("48h", 2880, "2d")]
        {
            let parsed: Minutes = text.parse().unwrap();
            assert_eq!((parsed.get(), parsed.to_string().as_str()), (minutes, written));
        }
        for text in
            ["", "m", "0m", "60", "+5m", "-5m", "1.5h", " 1h", "1 h", "367d", "99999999999d", "1w", "neverm"]
        {
            let message = text.parse::<Minutes>().unwrap_err().to_string();
            assert!(message.ends_with("is not a valid time: write minutes, hours or days of at most a year, as in 60m, 8h and 2d"), "{message}");
        }
    }

    #[test]
    fn an_idle_limit_may_be_never() {
        assert_eq!("never".parse(), Ok(IdleLimit::Never));
        assert_eq!("1h".parse::<IdleLimit>().unwrap().to_string(), "1h");
        assert_eq!(serde_json::to_string(&IdleLimit::Never).unwrap(), "null");
        assert_eq!(serde_json::from_str::<IdleLimit>("60").unwrap().to_string(), "1h");
        assert!(serde_json::from_str::<IdleLimit>("0").is_err());
        assert_eq!(IdleLimit::default().to_string(), "1h");
    }
}
