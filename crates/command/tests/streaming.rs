//! Streaming commands: bytes pass in both directions, and no command outlives its value.

use std::fs;
use std::io::{Read, Write};
use std::time::Duration;

use dockerutils_command::{Command, Pipes, Runner, Streaming};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[test]
fn bytes_pass_both_ways_while_the_command_runs() {
    let runner = Runner::default();
    let mut child = runner.start(&sh("echo ready; cat; echo reason >&2; exit 3"), Pipes::Both).unwrap();
    let mut output = child.take_output().unwrap();
    let mut ready = [0; 6];
    output.read_exact(&mut ready).unwrap();
    assert_eq!(&ready, b"ready\n");
    let mut input = child.take_input().unwrap();
    input.write_all(b"first").unwrap();
    let mut first = [0; 5];
    output.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"first");
    drop(input);
    let ended = child.wait().unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(ended.last_stderr_line(), "reason");
}

#[test]
fn output_without_a_pipe_is_kept() {
    let mut child = Runner::default().start(&sh("tr a-z A-Z"), Pipes::Input).unwrap();
    child.take_input().unwrap().write_all(b"words").unwrap();
    assert_eq!(child.wait().unwrap().stdout, b"WORDS");
}

#[test]
fn what_a_running_command_has_printed_is_known() {
    let script = "echo first; echo second >&2; read line; echo third; read line";
    let mut child = Runner::default().start(&sh(script), Pipes::Input).unwrap();
    let wait_for = |child: &Streaming, text| {
        while !child.has_printed(text) {
            std::thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for(&child, "first\n");
    wait_for(&child, "second\n");
    assert!(!child.has_printed("third"));
    child.write_input(b"go\n");
    wait_for(&child, "third");
    let ended = child.wait().unwrap();
    assert_eq!(
        (ended.stdout.as_slice(), ended.stderr.as_slice()),
        (&b"first\nthird\n"[..], &b"second\n"[..])
    );
}

#[test]
fn dropping_the_value_kills_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = sh("echo $$ >\"$0\"; echo begun; exec sleep 600").arg(&file);
    let mut child = Runner::default().start(&script, Pipes::Output).unwrap();
    let mut begun = [0; 6];
    child.take_output().unwrap().read_exact(&mut begun).unwrap();
    let pid = fs::read_to_string(&file).unwrap();
    drop(child);
    let stat = format!("/proc/{}/stat", pid.trim());
    // A killed process may stay as a zombie (state Z) until it is reaped.
    let is_gone = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
    for _ in 0..100 {
        if is_gone() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the command still runs: {}", fs::read_to_string(&stat).unwrap_or_default());
}
