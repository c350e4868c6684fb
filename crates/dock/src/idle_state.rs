//! What a dock's idle timer found last. The dock writes it as JSON, and it is read as data of another machine: strictly, and
//! bounded.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// The file on the dock.
pub const IDLE_FILE: &str = "/run/dockerutils/idle.json";

/// The largest file, in bytes.
const MAX_SIZE: usize = 4096;

/// How old the file may be. The timer writes it once a minute.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// What a dock's idle timer found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "version", deny_unknown_fields)]
pub enum IdleState {
    /// Version 1 of the format.
    #[serde(rename = "1")]
    One {
        /// When it was written, by the dock's clock, in seconds since 1970.
        checked: i64,
        /// For how many minutes the dock is idle.
        idle: u32,
        /// After how many idle minutes it stops; `None` for never.
        limit: Option<u32>,
        /// In how many minutes it stops if it stays idle; `None` for never.
        stops_in: Option<u32>,
        /// Why it is not idle.
        active: Vec<Activity>,
        /// The probes that failed, which count as activity.
        failed: Vec<Activity>,
    },
}

/// What keeps a dock from being idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// A container runs.
    Container,
    /// A key was pressed in a terminal.
    Terminal,
    /// A GPU is used.
    Gpu,
    /// The load average.
    Load,
    /// Something was done with docker.
    Docker,
    /// Files or images are transferred.
    Sync,
    /// The user holds the dock.
    Hold,
}

impl IdleState {
    /// Parses the file's contents; `None` if they are not valid.
    pub fn parse(contents: &[u8]) -> Option<Self> {
        (contents.len() <= MAX_SIZE).then(|| serde_json::from_slice(contents).ok()).flatten()
    }

    /// Returns in how many minutes the dock stops if it stays idle; `None` if it never stops by itself.
    pub fn stops_in(&self) -> Option<u32> {
        let IdleState::One { stops_in, .. } = self;
        *stops_in
    }

    /// Returns for how many minutes the dock is idle.
    pub fn idle_minutes(&self) -> u32 {
        let IdleState::One { idle, .. } = self;
        *idle
    }

    /// Returns whether the timer has run within the last five minutes. If not, it may not work.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let IdleState::One { checked, .. } = self;
        DateTime::from_timestamp(*checked, 0).is_some_and(|checked| (now - checked).abs() <= MAX_AGE)
    }
}

impl fmt::Display for IdleState {
    /// Writes when the dock stops, or why it is not idle: `stops in 37 min`, `in use (container)`, `never`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let IdleState::One { stops_in, active, failed, .. } = self;
        let mut reasons: Vec<String> = active.iter().map(|it| it.name().to_owned()).collect();
        reasons.extend(failed.iter().map(|it| format!("{} cannot be checked", it.name())));
        match stops_in {
            None => f.write_str("never"),
            Some(_) if !reasons.is_empty() => write!(f, "in use ({})", reasons.join(", ")),
            Some(minutes) => write!(f, "stops in {minutes} min"),
        }
    }
}

impl Activity {
    /// Returns the name, as the file has it.
    pub fn name(self) -> &'static str {
        match self {
            Activity::Container => "container",
            Activity::Terminal => "terminal",
            Activity::Gpu => "gpu",
            Activity::Load => "load",
            Activity::Docker => "docker",
            Activity::Sync => "sync",
            Activity::Hold => "hold",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(stops_in: &str, active: &str, failed: &str) -> String {
        format!(
            r#"{{"version":"1","checked":1764200000,"idle":23,"limit":60,"stops_in":{stops_in},"active":[{active}],"failed":[{failed}]}}"#
        )
    }

    #[test]
    fn the_text_contains_when_the_dock_stops_or_why_it_does_not() {
        for (stops_in, active, failed, text) in [
            ("37", "", "", "stops in 37 min"),
            ("null", r#""load""#, "", "never"),
            ("60", r#""container","hold""#, "", "in use (container, hold)"),
            ("60", r#""load""#, r#""gpu""#, "in use (load, gpu cannot be checked)"),
        ] {
            let state = IdleState::parse(state(stops_in, active, failed).as_bytes()).unwrap();
            assert_eq!(state.to_string(), text);
            assert_eq!((state.idle_minutes(), state.stops_in()), (23, stops_in.parse().ok()));
        }
    }

    #[test]
    fn a_state_that_is_older_than_five_minutes_is_not_current() {
        let state = IdleState::parse(state("37", "", "").as_bytes()).unwrap();
        let at = |seconds: i64| DateTime::from_timestamp(1_764_200_000 + seconds, 0).unwrap();
        assert!(state.is_current(at(0)) && state.is_current(at(300)) && state.is_current(at(-300)));
        assert!(!state.is_current(at(301)) && !state.is_current(at(-301)));
    }

    #[test]
    fn what_is_not_a_state_is_refused() {
        let valid = state("37", "", "");
        for (from, to) in [
            ("\"1\"", "\"2\""),
            ("37", "-1"),
            ("37", "\"37; rm\""),
            ("\"active\":[]", "\"active\":[\"\\u001b[2J\"]"),
            ("\"idle\"", "\"idl\""),
            ("{", "{\"x\":1,"),
            ("1764200000", "99999999999999999999"),
        ] {
            assert_eq!(IdleState::parse(valid.replace(from, to).as_bytes()), None, "{from} {to}");
        }
        assert_eq!(IdleState::parse((valid + &" ".repeat(4096)).as_bytes()), None);
        let far = state("37", "", "").replace("1764200000", "9223372036854775807");
        assert!(!IdleState::parse(far.as_bytes()).unwrap().is_current(DateTime::UNIX_EPOCH));
    }
}
