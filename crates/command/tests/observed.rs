//! Commands whose output is observed while they run.

use std::io::Write;

use dockerutils_command::{Command, Error, Runner};

#[test]
fn each_piece_of_the_output_is_observed_and_the_status_kept() {
    let mut seen = Vec::new();
    let command = Command::new("sh").args(["-c", "printf one; printf two; exit 3"]);
    let ended = Runner::new(false).run_observed(&command, |piece| seen.write_all(piece).expect("memory"));
    assert!(matches!(ended, Err(error @ Error::Failed { .. }) if error.code() == 3));
    assert_eq!(seen, b"onetwo");
}

#[test]
fn neither_a_dry_run_nor_a_missing_program_has_output() {
    let none = |_: &[u8]| panic!("no output");
    assert!(Runner::new(true).run_observed(&Command::new("sh").args(["-c", "echo x"]), none).is_ok());
    let missing = Runner::new(false).run_observed(&Command::new("no-such-program"), none);
    assert!(matches!(missing, Err(Error::NotFound { .. })));
}
