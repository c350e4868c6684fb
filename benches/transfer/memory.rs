//! The peak memory of a command, without that of its children.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Returns the largest memory that the command itself has held at once, in bytes; see `VmHWM` in proc(5).
pub(crate) fn peak(command: &mut Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    // The kernel never lowers the mark, so the last value read misses only the last few milliseconds.
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kib.map_or(peak, |kib| kib * 1024);
        thread::sleep(Duration::from_millis(3));
    }
    assert!(child.wait().unwrap().success(), "{command:?}");
    peak
}
