//! A command that prints without end is ended, however its output is captured.

use std::time::Duration;

use dockerutils_command::{Command, Error, Pipes, Runner};

const MESSAGE: &str = "`sh` printed more than 1 MiB and was ended";

/// A command that prints for ever on the stream with this number, and does not end when the pipe is closed.
fn endless(stream: u8) -> Command {
    let script = format!("trap '' PIPE; while :; do printf '%8192s' x >&{stream}; done 2>/dev/null");
    let script = if stream == 2 { script.replace("2>/dev/null", "") } else { script };
    Command::new("sh").args(["-c", &script])
}

#[test]
fn a_captured_command_is_ended() {
    let error = Runner::default().capture(&endless(1)).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.code()), (MESSAGE, 1));
}

#[test]
fn a_list_may_be_longer_than_an_answer() {
    let list = Command::new("sh").args(["-c", "head -c 3000000 /dev/zero"]);
    assert_eq!(Runner::default().capture_list(&list).unwrap().len(), 3_000_000);
    let error = Runner::default().capture(&list).unwrap_err();
    assert!(matches!(error, Error::TooMuchOutput { .. }), "{error}");
}

#[test]
fn a_list_is_bounded_too() {
    let error = Runner::default().capture_list(&endless(1)).unwrap_err();
    assert_eq!(error.to_string(), "`sh` printed more than 64 MiB and was ended");
}

#[test]
fn a_command_with_a_timeout_is_ended_before_it_with_the_reason() {
    let commands = [endless(1), endless(2), Command::new("echo").arg("x")];
    let outputs = Runner::default().run_parallel(&commands, Duration::from_secs(600)).unwrap();
    for output in &outputs[..2] {
        assert!(!output.status.unwrap().success());
        assert_eq!(output.stdout, b"");
        assert_eq!(output.stderr, b"it printed more than 1 MiB and was ended");
    }
    assert_eq!(outputs[2].stdout, b"x\n");
}

#[test]
fn a_streaming_command_is_ended() {
    for stream in [1, 2] {
        let mut streaming = Runner::default().start(&endless(stream), Pipes::Input).unwrap();
        let input = streaming.take_input();
        let error = streaming.wait().unwrap_err();
        assert_eq!(error.to_string(), MESSAGE);
        drop(input);
    }
}
