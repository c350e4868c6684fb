//! What the commands print on standard output: a closed pipe is success, any other failure to write is an error.
//!
//! /dev/full is Linux's device that is always full; a full disk behind `>` fails in the same way.

use dockerutils::commands::ALL;
use dockerutils_testkit::{Outcome, Project};

/// Runs a command line of bash with our commands on PATH.
fn shell(project: &Project, line: &str) -> Outcome {
    let bins = std::path::Path::new(env!("CARGO_BIN_EXE_ls-dock")).parent().expect("a folder").display();
    project.program("bash").args(["-c", &format!("PATH={bins}:$PATH; {line}")]).run()
}

/// Redirects file descriptor 4 to a pipe that has no reader any more.
const CLOSED_PIPE: &str = "mkfifo closed && exec 3<>closed 4>closed 3>&- && rm closed";

fn project_with_a_dock() -> Project {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    project
}

#[test]
fn help_that_cannot_be_written_is_an_error_of_every_command() {
    let project = Project::new();
    for entry in ALL {
        for flag in ["--help", "--version"] {
            let outcome = shell(&project, &format!("{} {flag} >/dev/full", entry.name));
            outcome.status(1).stderr_has("standard output cannot be written to: ");
        }
    }
}

#[test]
fn help_into_a_closed_pipe_is_success_of_every_command() {
    let project = Project::new();
    for entry in ALL {
        let outcome = shell(&project, &format!("{CLOSED_PIPE}; {} --help >&4", entry.name));
        assert_eq!(outcome.status(0).stderr, "");
    }
}

#[test]
fn a_list_of_docks_that_cannot_be_written_is_an_error() {
    let project = project_with_a_dock();
    for flags in ["--no-probe", "--no-probe --json"] {
        let outcome = shell(&project, &format!("ls-dock {flags} >/dev/full"));
        let expected =
            "ls-dock: standard output cannot be written to: No space left on device (os error 28)\n";
        assert_eq!(outcome.status(1).stderr, expected);
    }
}

#[test]
fn a_list_of_docks_into_a_closed_pipe_is_success() {
    let project = project_with_a_dock();
    for flags in ["--no-probe", "--no-probe --json"] {
        let outcome = shell(&project, &format!("{CLOSED_PIPE}; ls-dock {flags} >&4"));
        assert_eq!(outcome.status(0).stderr, "");
    }
}

#[test]
fn what_a_shell_evaluates_must_arrive() {
    let project = project_with_a_dock();
    let outcome = shell(&project, "dock-session complete g >/dev/full");
    outcome.status(1).stderr_has("standard output cannot be written to: ");
}
