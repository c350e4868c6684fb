//! The peak memory of a command and of the children that it waits for.

use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// The first argument of this program when it is started to measure a command.
const PROBE: &str = "--peak-of";

/// Returns the largest memory that the command, or a child that it waits for, has held at once, in MB.
///
/// The kernel gives a child the peak of the process that forks it, so a fresh copy of this program starts the command:
/// the memory of that copy is the least that can be measured.
pub(crate) fn peak_mb(command: &Command) -> f64 {
    let mut probe = Command::new(std::env::current_exe().unwrap());
    probe.arg(PROBE).arg(command.get_program()).args(command.get_args());
    probe
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    probe.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = probe.output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap() * 1024.0 / 1e6
}

/// Returns whether this program was started by [`peak_mb`].
pub(crate) fn is_probe() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == PROBE)
}

/// Runs the command that the arguments name, and prints its peak in KiB.
pub(crate) fn run_probe() {
    let mut words = std::env::args_os().skip(2);
    let status = Command::new(words.next().unwrap()).args(words).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}
