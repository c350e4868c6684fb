//! Restores the default action of signals for the commands that tests start.
//!
//! Tests may run with signals ignored: a shell ignores Ctrl-C for background jobs, and a child inherits that. A handler
//! that does nothing keeps the tests themselves unaffected, and exec resets it to the default action (signal(7)).

use std::fs;
use std::sync::{Arc, Once};

use nix::sys::signal::Signal;

/// Replaces "ignored" by an empty handler, once, before the first command is started.
pub(crate) fn stop_inheritance() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
            if ignored() & 1 << (signal as i32 - 1) != 0 {
                signal_hook::flag::register(signal as i32, Arc::default()).expect("a signal's handler");
            }
        }
    });
}

/// Returns the ignored signals as a mask, with the lowest bit for number 1; see `SigIgn` in proc(5).
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
