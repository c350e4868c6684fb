//! Tab completes monikers after `source dock`; the completion of other files does not change.

use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::Project;

use super::{program, project_that_knows};

fn project_with_docks() -> (Project, &'static Dock) {
    let dock = dock();
    let project = project_that_knows(dock);
    for (address, moniker) in [("192.0.2.1", "build-one"), ("192.0.2.2", "build-two")] {
        project.command("register-dock").args([address, moniker, "--no-check"]).run().status(0);
    }
    (project.file("a-file", ""), dock)
}

#[test]
fn monikers_that_start_with_the_typed_text_are_completed() {
    let project = Project::new();
    for (address, moniker) in [("192.0.2.1", "build-one"), ("192.0.2.2", "build-two"), ("192.0.2.3", "gpu")] {
        project.command("register-dock").args([address, moniker, "--no-check"]).run().status(0);
    }
    let complete = |typed: &str| project.command("dock-session").args(["complete", typed]).run().stdout;
    assert_eq!(complete(""), "build-one\nbuild-two\ngpu\n");
    assert_eq!(complete("build-t"), "build-two\n");
    assert_eq!(complete("x"), "");
}

/// Types a line and Tab in a terminal, and waits for the completed line.
#[track_caller]
fn completes(shell_name: &str, args: &[&str], before: &str, cases: &[(&str, &str)]) {
    let (project, dock) = project_with_docks();
    let terminal = program(&project, dock, shell_name)
        .args(args.iter().copied())
        .env("SHELL_FOLDER", super::shell_folder())
        .env("ZDOTDIR", project.home())
        .spawn_in_terminal();
    terminal.types(&format!("PS1='ready''> '; {before}; echo is''ready\r"));
    terminal.wait_for("isready");
    for (typed, completed) in cases {
        terminal.types(&format!("{typed}\t"));
        terminal.wait_for(completed);
        // Ctrl-U discards the line.
        terminal.types("\x15");
    }
    terminal.types("exit\r");
    terminal.wait();
}

#[test]
#[ignore = "needs root: dock"]
fn tab_completes_monikers_in_bash() {
    completes(
        "bash",
        &["--norc", "--noprofile", "-i"],
        "source dock-completion",
        &[
            ("source dock g", "source dock gpu "),
            (". /usr/bin/dock build-t", "/usr/bin/dock build-two "),
            ("source a-f", "source a-file "),
        ],
    );
}

#[test]
#[ignore = "needs root: dock"]
fn tab_completes_monikers_in_zsh() {
    completes(
        "zsh",
        &["-f", "-i"],
        "autoload -U compinit; compinit -u -D; source dock-completion",
        &[
            ("source dock g", "gpu"),
            // zsh echoes the typed text with beeps and backspaces in between.
            (". /usr/bin/dock build-t", "wo"),
            ("source a-f", "ile"),
        ],
    );
}

#[test]
#[ignore = "needs root: dock"]
fn tab_completes_monikers_in_fish() {
    let (project, dock) = project_with_docks();
    let script = "source $SHELL_FOLDER/dock.fish; complete --do-complete 'dock g'; complete --do-complete 'source ./dock.fish build-'
                  complete --do-complete 'source a-f'";
    let outcome = program(&project, dock, "fish")
        .args(["--no-config", "-c", script])
        .env("SHELL_FOLDER", super::shell_folder())
        .run();
    outcome.stdout_is("gpu\nbuild-one\nbuild-two\na-file\n");
}
