//! Commands that are listened to, and secrets on standard input.

use std::fs;

use dockerutils_command::{Command, Error, Runner};
use secrecy::SecretString;

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[test]
fn both_streams_are_kept_and_the_end_is_told() {
    let heard = Runner::new(false).run_tee(&sh("echo out; echo err >&2; exit 3"));
    assert_eq!((heard.stdout.as_str(), heard.stderr.as_str()), ("out\n", "err\n"));
    assert!(matches!(heard.ended, Err(error @ Error::Failed { .. }) if error.code() == 3));
}

#[test]
fn of_much_the_end_is_kept() {
    let heard = Runner::new(false).run_tee(&sh("yes 0123456789 | head -n 100000; echo the end"));
    assert!(heard.ended.is_ok());
    assert!(heard.stdout.ends_with("0123456789\nthe end\n"));
    assert!(heard.stdout.len() >= 64 * 1024 && heard.stdout.len() <= 128 * 1024, "{}", heard.stdout.len());
}

#[test]
fn one_that_is_not_there_is_not_heard() {
    let heard = Runner::new(false).run_tee(&Command::new("no-such-program"));
    assert!(matches!(heard.ended, Err(Error::NotFound { .. })));
    assert!(heard.stdout.is_empty() && heard.stderr.is_empty());
}

#[test]
fn a_dry_run_hears_nothing() {
    let heard = Runner::new(true).run_tee(&sh("echo out"));
    assert!(heard.ended.is_ok() && heard.stdout.is_empty());
}

fn reads_secret(script: &str) -> Command {
    sh(script).secret_input(SecretString::from("hush"), Command::new("printf").arg("hush\\n"))
}

#[test]
fn a_secret_is_read_from_standard_input_and_shown_nowhere() {
    let command = reads_secret("cat");
    assert_eq!(Runner::new(false).run_tee(&command).stdout, "hush");
    let pasted = Command::new("bash").args(["-c", &command.to_shell()]);
    assert_eq!(Runner::new(false).run_tee(&pasted).stdout, "hush\n");
    let command = sh("cat").secret_input(SecretString::from("hush"), Command::new("print-it"));
    assert_eq!(command.to_shell(), "print-it | sh -c cat");
    assert!(!format!("{command:?}").contains("hush"), "{command:?}");
}

#[test]
fn who_does_not_read_it_is_no_failure() {
    for _ in 0..20 {
        let large = SecretString::from("x".repeat(1 << 20));
        let command = sh("exit 0").secret_input(large, Command::new("print-it"));
        assert!(Runner::new(false).run(&command).is_ok());
    }
}

/// Becoming it would leave nobody to write the secret.
#[test]
fn a_command_that_reads_a_secret_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let got = folder.path().join("got");
    let script = format!("cat > '{}'", got.display());
    assert!(Runner::new(false).exec(&reads_secret(&script)).is_ok());
    assert_eq!(fs::read_to_string(got).unwrap(), "hush");
}
