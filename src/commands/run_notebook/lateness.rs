//! A line for the user if Jupyter does not respond.

use std::time::{Duration, Instant};

use dockerutils_command::Streaming;

use crate::ui;

/// What Jupyter prints as soon as it listens: jupyter_server 1 and 2, and Notebook 6.
const LISTENS: &str = " is running at";

/// How long Jupyter may take to respond after that, and how long if it has not printed that.
const AFTER_START: Duration = Duration::from_secs(10);
const TO_START: Duration = Duration::from_secs(60);

/// How often the log is searched for it.
const SEARCH: Duration = Duration::from_secs(1);

/// How late a server is.
pub(super) struct Lateness {
    started: Instant,
    searched: Instant,
    listens_since: Option<Instant>,
    is_reported: bool,
}

/// Why it may be late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// It listens, but not where docker connects to it.
    Elsewhere,
    Unknown,
}

impl Lateness {
    /// Creates it for a server that does not respond now.
    pub(super) fn since(now: Instant) -> Self {
        Lateness { started: now, searched: now, listens_since: None, is_reported: false }
    }

    /// Prints a line, once, if the server should have responded by now. `log` is what its container prints, and `port` its port
    /// there.
    pub(super) fn report(&mut self, log: &Streaming, port: u16) {
        let remedy = format!(
            "if it listens on 127.0.0.1 in the container only, add --ip=0.0.0.0 to its command (port {port})"
        );
        match self.reason(Instant::now(), || log.has_printed(LISTENS)) {
            Some(Reason::Elsewhere) => ui::note(format_args!("Jupyter runs, but does not respond; {remedy}")),
            Some(Reason::Unknown) => ui::note(format_args!("Jupyter has not responded yet; {remedy}")),
            None => {}
        }
    }

    /// Returns the reason, once, if the server is late.
    fn reason(&mut self, now: Instant, listens: impl Fn() -> bool) -> Option<Reason> {
        if self.is_reported {
            return None;
        }
        if self.listens_since.is_none() && now - self.searched >= SEARCH {
            self.searched = now;
            self.listens_since = listens().then_some(now);
        }
        let reason = match self.listens_since {
            Some(since) if now - since >= AFTER_START => Some(Reason::Elsewhere),
            None if now - self.started >= TO_START => Some(Reason::Unknown),
            _ => None,
        };
        self.is_reported = reason.is_some();
        reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns in which second a server is reported that listens from a second on, or never.
    fn reported(listens_from: Option<u64>) -> Vec<(u64, Reason)> {
        let start = Instant::now();
        let mut lateness = Lateness::since(start);
        let reason = |second: u64| {
            let listens = || listens_from.is_some_and(|from| from <= second);
            Some((second, lateness.reason(start + Duration::from_secs(second), listens)?))
        };
        (0..200).filter_map(reason).collect()
    }

    #[test]
    fn a_server_that_listens_is_reported_earlier_than_one_that_starts() {
        assert_eq!(reported(None), [(60, Reason::Unknown)]);
        assert_eq!(reported(Some(0)), [(11, Reason::Elsewhere)]);
        assert_eq!(reported(Some(55)), [(65, Reason::Elsewhere)]);
        assert_eq!(reported(Some(90)), [(60, Reason::Unknown)]);
    }
}
