//! Progress of a transfer of bytes: a bar on a terminal, one line at the start elsewhere.

use std::fmt::Display;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use dockerutils_command::printable;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::note;

/// Bytes done, bytes in all, the rate, the time left, and the message.
const BAR: &str =
    "{wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left {msg}";

/// The same if the total is not known.
const SPINNER: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec} {msg}";

/// How often the bar is drawn again, so that the rate and the time left change while nothing arrives.
const TICK: Duration = Duration::from_millis(200);

/// A progress bar over bytes; it disappears when the value is dropped.
#[derive(Debug)]
pub(crate) struct ByteProgress {
    bar: ProgressBar,
}

impl ByteProgress {
    /// Draws the bar with `message` at its end; without a terminal, prints `line` once.
    pub(crate) fn start(total: Option<u64>, message: &str, line: impl Display) -> Self {
        if stderr().is_terminal() {
            return Self::draw(total, message);
        }
        note(line);
        ByteProgress { bar: ProgressBar::hidden() }
    }

    /// Draws the bar with `message` at its end.
    pub(super) fn draw(total: Option<u64>, message: &str) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = if total.is_some() { BAR } else { SPINNER };
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(printable(message).into_owned());
        bar.enable_steady_tick(TICK);
        ByteProgress { bar }
    }

    /// Adds bytes that are done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Sets how many bytes are done.
    pub(super) fn set(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}

impl Drop for ByteProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
