//! Lines on a terminal that a program has put into raw mode, as docker does while it shows the terminal of a container.

use std::io::stderr;

use nix::sys::termios::{OutputFlags, tcgetattr};

/// Returns what ends a line on standard error: a raw terminal does not return to the first column by itself.
pub fn line_end() -> &'static str {
    match tcgetattr(stderr()) {
        Ok(settings) if !settings.output_flags.contains(OutputFlags::OPOST) => "\r\n",
        // Also if it is no terminal.
        _ => "\n",
    }
}
