//! Signals that the tests were started to ignore, as a shell's background jobs ignore Ctrl-C.
//!
//! They stay without effect on the tests, but what the tests start is to heed them. A handler that does nothing brings
//! that about: unlike "ignored", it does not outlast the start of another program.

use std::fs;
use std::sync::{Arc, Once};

use nix::sys::signal::Signal;

/// Before the first command is started.
pub(crate) fn do_not_hand_on() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
            if ignored() & 1 << (signal as i32 - 1) != 0 {
                signal_hook::flag::register(signal as i32, Arc::default()).expect("a signal's handler");
            }
        }
    });
}

/// A bit for each signal, the lowest for number 1.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
