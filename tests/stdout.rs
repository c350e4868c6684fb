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

/// Runs a command line of bash at a terminal, with our commands on PATH, and returns docker's arguments after `--name NAME`.
fn flags_at_a_terminal(line: &str) -> Vec<String> {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let bins = std::path::Path::new(env!("CARGO_BIN_EXE_run-image")).parent().expect("a folder").display();
    let line = format!("PATH={bins}:$PATH; {line}");
    let outcome = project.program("bash").args(["-c", &line]).without_engine().spawn_in_terminal().wait();
    outcome.status(0).calls[0][4..].to_vec()
}

#[test]
fn a_container_has_a_terminal_if_standard_input_and_output_are_one() {
    for (line, flags) in [
        ("run-image dev", "-it"),
        ("run-image dev 2>errors", "-it"),
        ("run-image dev >output", "-i"),
        ("run-image dev | cat", "-i"),
        ("run-image dev >output 2>&1", "-i"),
        ("run-image dev </dev/null", "-i"),
        ("echo x | run-image dev", "-i"),
    ] {
        assert_eq!(
            flags_at_a_terminal(line),
            ["--rm", flags, "--pull", "never", "proj-dev:tester"],
            "{line}"
        );
    }
}

#[test]
fn what_scripts_print_goes_to_standard_error() {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\npre_build_script=echo before\npost_build_script=echo after\n");
    let outcome = project.command("build-image").arg("dev").docker_prints("docker's own\n", "").run();
    outcome.status(0).stdout_is("docker's own\n").stderr_has("before\n").stderr_has("after\n");
}
