//! Commands that are asked side by side: their answers keep their order, and nothing outlives the limit.

use std::fs;
use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[test]
fn answers_come_in_the_order_of_the_questions() {
    let questions: Vec<Command> = (0..100)
        .map(|number| sh(&format!("echo {number}; echo e{number} >&2; exit {}", number % 5)))
        .collect();
    let answers = Runner::default().run_parallel(&questions, Duration::from_secs(60)).unwrap();
    assert_eq!(answers.len(), 100);
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(String::from_utf8_lossy(&answer.stdout), format!("{number}\n"));
        assert_eq!(String::from_utf8_lossy(&answer.stderr), format!("e{number}\n"));
        assert_eq!(answer.status.and_then(|status| status.code()), i32::try_from(number % 5).ok());
    }
}

#[test]
fn at_the_limit_a_command_ends_with_all_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let hangs = sh("sleep 600 & echo $! >\"$0\"; echo begun; wait").arg(&file);
    let answers = Runner::default().run_parallel(&[hangs, sh("echo quick")], Duration::from_secs(2)).unwrap();
    assert!(answers[0].status.is_none());
    assert_eq!(answers[0].stdout, b"begun\n");
    assert_eq!(answers[1].stdout, b"quick\n");
    let child = fs::read_to_string(file).unwrap();
    let state = fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

#[test]
fn under_a_dry_run_nobody_answers() {
    let answers = Runner::new(true).run_parallel(&[sh("exit 1")], Duration::from_secs(60)).unwrap();
    assert!(answers.is_empty());
}

#[test]
fn a_program_that_is_not_there() {
    let asked = Runner::default().run_parallel(&[Command::new("no-such-program")], Duration::from_secs(60));
    assert!(matches!(asked, Err(Error::NotFound { .. })));
}
