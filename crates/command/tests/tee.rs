//! Commands whose output is kept as well as shown, and secrets on standard input.

use std::fs;

use dockerutils_command::{Command, Error, Runner};
use secrecy::SecretString;

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

#[test]
fn both_streams_and_the_exit_status_are_kept() {
    let output = Runner::new(false).run_tee(&sh("echo out; echo err >&2; exit 3"));
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("out\n", "err\n"));
    assert!(matches!(output.ended, Err(error @ Error::Failed { .. }) if error.code() == 3));
}

#[test]
fn the_end_of_a_long_output_is_kept() {
    let output = Runner::new(false).run_tee(&sh("yes 0123456789 | head -n 100000; echo the end"));
    assert!(output.ended.is_ok());
    assert!(output.stdout.ends_with("0123456789\nthe end\n"));
    assert!(output.stdout.len() >= 64 * 1024 && output.stdout.len() <= 128 * 1024, "{}", output.stdout.len());
}

#[test]
fn a_missing_program_is_an_error() {
    let output = Runner::new(false).run_tee(&Command::new("no-such-program"));
    assert!(matches!(output.ended, Err(Error::NotFound { .. })));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn a_dry_run_returns_no_output() {
    let output = Runner::new(true).run_tee(&sh("echo out"));
    assert!(output.ended.is_ok() && output.stdout.is_empty());
}

fn reads_secret(script: &str) -> Command {
    sh(script).secret_input(SecretString::from("hush"), Command::new("printf").arg("hush\\n"))
}

#[test]
fn a_secret_reaches_standard_input_and_appears_nowhere_else() {
    let command = reads_secret("cat");
    assert_eq!(Runner::new(false).run_tee(&command).stdout, "hush");
    let pasted = Command::new("bash").args(["-c", &command.to_shell()]);
    assert_eq!(Runner::new(false).run_tee(&pasted).stdout, "hush\n");
    let command = sh("cat").secret_input(SecretString::from("hush"), Command::new("print-it"));
    assert_eq!(command.to_shell(), "print-it | sh -c cat");
    assert!(!format!("{command:?}").contains("hush"), "{command:?}");
}

#[test]
fn a_command_that_ignores_its_secret_succeeds() {
    for _ in 0..20 {
        let large = SecretString::from("x".repeat(1 << 20));
        let command = sh("exit 0").secret_input(large, Command::new("print-it"));
        assert!(Runner::new(false).run(&command).is_ok());
    }
}

/// After exec no process would be left to write the secret.
#[test]
fn exec_of_a_command_with_a_secret_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let got = folder.path().join("got");
    let script = format!("cat > '{}'", got.display());
    assert!(Runner::new(false).exec(&reads_secret(&script)).is_ok());
    assert_eq!(fs::read_to_string(got).unwrap(), "hush");
}
