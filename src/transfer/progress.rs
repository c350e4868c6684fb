//! How far a transfer is: a bar on a terminal, one line at its start elsewhere.

use std::collections::HashSet;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use dockerutils_transfer::source::Source;
use dockerutils_transfer::{Digest, Image, Plan};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::Size;
use crate::say;

/// Bytes of layers on their way of bytes to send, the rate, the time left, and the layers that are there already.
const BAR: &str =
    "{wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left {msg}";

/// The same where the size is told only by what comes.
const SPINNER: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec} {msg}";

/// Shows it, until it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins with what these hosts lack, by their names.
    pub(super) fn begin(source: &Source, plans: &[(&str, &Plan)]) -> Self {
        let hosts: Vec<&str> = plans.iter().map(|(host, _)| *host).collect();
        let all: HashSet<Digest> = source.images().iter().flat_map(Image::diff_ids).collect();
        let sent: HashSet<&Digest> = plans.iter().flat_map(|(_, plan)| &plan.sent).collect();
        let known: Option<u64> = sent.iter().map(|diff_id| source.size(diff_id)).sum();
        // What docker says of images is near enough where all of them is sent.
        let whole = || source.images().iter().map(|image| image.size).sum();
        let total = known.or_else(|| (sent.len() == all.len()).then(whole));
        let kept = format!("({} of {} layers kept)", all.len() - sent.len(), all.len());
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if stderr().is_terminal() {
            let style = ProgressStyle::with_template(if total.is_some() { BAR } else { SPINNER });
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(kept);
            bar.enable_steady_tick(Duration::from_millis(200));
        } else {
            let size = total.map_or_else(String::new, |total| format!(", {}", Size(total)));
            let layers = if sent.len() == 1 { "layer" } else { "layers" };
            say(format_args!("sending {} {layers}{size} to {} {kept}", sent.len(), hosts.join(", ")));
        }
        Progress { bar }
    }

    /// So many more bytes have been read and handed on.
    pub(super) fn advance(&self, bytes: usize) {
        self.bar.inc(bytes as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
