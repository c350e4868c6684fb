//! Commands that run in parallel: outputs keep the order of the commands, and no process outlives the timeout.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::{Command, Error, Runner};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[test]
fn outputs_are_in_the_order_of_the_commands() {
    let commands: Vec<Command> = (0..100)
        .map(|number| sh(&format!("echo {number}; echo e{number} >&2; exit {}", number % 5)))
        .collect();
    let outputs = Runner::default().run_parallel(&commands, Duration::from_secs(60)).unwrap();
    assert_eq!(outputs.len(), 100);
    for (number, output) in outputs.iter().enumerate() {
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{number}\n"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("e{number}\n"));
        assert_eq!(output.status.and_then(|status| status.code()), i32::try_from(number % 5).ok());
    }
}

#[test]
fn a_command_is_killed_at_the_timeout_with_the_processes_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let hangs = sh("sleep 600 & echo $! >\"$0\"; echo begun; wait").arg(&file);
    let outputs = Runner::default().run_parallel(&[hangs, sh("echo quick")], Duration::from_secs(2)).unwrap();
    assert!(outputs[0].status.is_none());
    assert_eq!(outputs[0].stdout, b"begun\n");
    assert_eq!(outputs[1].stdout, b"quick\n");
    let child = fs::read_to_string(file).unwrap();
    // The kernel ends a killed process when it is scheduled next, which takes time on a busy machine.
    let deadline = Instant::now() + Duration::from_secs(60);
    while is_running(child.trim()) {
        assert!(Instant::now() < deadline, "process {child} was not killed");
        thread::yield_now();
    }
}

/// Returns whether a process runs; one that has ended may stay as a zombie (state Z) until it is reaped.
fn is_running(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !(state.is_empty() || state.contains(") Z "))
}

#[test]
fn a_dry_run_returns_no_outputs() {
    let outputs = Runner::new(true).run_parallel(&[sh("exit 1")], Duration::from_secs(60)).unwrap();
    assert!(outputs.is_empty());
}

#[test]
fn a_missing_program_is_an_error() {
    let outputs = Runner::default().run_parallel(&[Command::new("no-such-program")], Duration::from_secs(60));
    assert!(matches!(outputs, Err(Error::NotFound { .. })));
}
