//! If `source dock` fails, nothing changes, nothing is left, and the shell continues.

use std::fs;

use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::Project;

use super::restored::unchanged;
use super::{nothing_is_left, program, project_that_knows, shell, shells};
use crate::docks::{command, file, register};

/// Fails unless `source dock NAME` fails with these messages and has no other effect.
#[track_caller]
fn fails(project: &Project, dock: &Dock, name: &str, words: &[&str]) {
    for shell_name in shells() {
        let steps = format!("source dock {name} && exit 9; test $status$? != 0 || exit 8");
        let steps = if shell_name == "fish" { steps.replace("$?", "") } else { steps.replace("$status", "") };
        let prepare = if shell_name == "fish" { "" } else { "export DOCKER_CONTEXT=mine PS1='$ '" };
        let outcome = shell(project, dock, shell_name, &unchanged(shell_name, prepare, &steps)).run();
        outcome.status(0).stdout_is("");
        words.iter().for_each(|words| {
            outcome.stderr_has(words);
        });
        nothing_is_left(project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn an_unknown_dock_changes_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    fails(&project, dock, "gpo", &["dock: there is no dock `gpo`, did you mean `gpu`? (ls-dock lists them)"]);
    fails(&project, dock, "a b", &["dock: unexpected argument 'b' found"]);
    fails(&project, dock, "--nonsense", &["dock: unexpected argument '--nonsense' found"]);
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_that_cannot_be_reached_changes_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    let add = |args: &[&str]| {
        command(&project, dock, "register-dock").args(args.iter().copied()).arg("--no-check").run().status(0);
    };
    add(&["127.0.0.1", "refused", "-p", "1"]);
    fails(
        &project,
        dock,
        "refused",
        &["Connection refused", "dock: port 1 of 127.0.0.1 refuses the connection: start sshd there"],
    );
    // The dock has another host key than before.
    let known = file(&project, &dock.address(), "known_hosts");
    let other = fs::read_to_string(dock.key().with_extension("pub")).unwrap();
    fs::write(&known, format!("{} {other}", dock.address())).unwrap();
    let sentence = format!(
        "dock: the host key of {0} has changed: if you know why (a new machine at this address), \
         `unregister-dock {0}` and register it again; if not, the connection may be intercepted; nothing has changed",
        dock.address()
    );
    fails(&project, dock, "gpu", &["IDENTIFICATION HAS CHANGED", &sentence]);
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_without_access_to_docker_changes_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    register(&project, dock).args(["gpu", "-u", "guest", "--no-check"]).run().status(0);
    let sentence = format!(
        "dock: guest may not use docker on {}: run there `sudo usermod -aG docker guest`; nothing has changed; check-dock shows more\n",
        dock.address()
    );
    fails(&project, dock, "gpu", &[&sentence]);
    // Its key is trusted from now on, so its fingerprint is printed although docking failed.
    fs::remove_file(file(&project, &dock.address(), "known_hosts")).unwrap();
    let outcome = shell(&project, dock, "bash", "source dock gpu").run();
    outcome.status(1).stderr_has("trusted from now on: SHA256:");
}

#[test]
#[ignore = "needs root: dock"]
fn without_dock_session_on_path_nothing_changes() {
    let dock = dock();
    let project = project_that_knows(dock);
    for shell_name in shells() {
        let dock_file = if shell_name == "fish" { "dock" } else { "\"$SHELL_FOLDER/dock\"" };
        let script = format!("source {dock_file} gpu; env | grep ^DOCK; echo goes on");
        let outcome = shell(&project, dock, shell_name, &script)
            .env("PATH", dock.path())
            .env("SHELL_FOLDER", super::shell_folder())
            .run();
        outcome.stdout_is("goes on\n").stderr_has("dock-session");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn read_only_variables_change_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    for shell_name in shells().filter(|shell| *shell != "fish") {
        for name in ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCK_MONIKER"] {
            let steps = "source dock gpu && exit 9 || :";
            let script = unchanged(shell_name, &format!("readonly {name}=mine"), steps);
            let outcome = shell(&project, dock, shell_name, &script).run();
            outcome
                .status(0)
                .stdout_is("")
                .echoes(&[])
                .stderr_has("dock: one of the variables that docker reads");
        }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_failure_does_not_end_a_terminal() {
    let dock = dock();
    let project = project_that_knows(dock);
    let cases: [(&str, &[&str]); 2] = [("bash", &["--norc", "-eic"]), ("zsh", &["-feic"])];
    for (shell_name, args) in cases {
        if shells().all(|there| there != shell_name) {
            continue;
        }
        let run = |args: &[&str]| {
            program(&project, dock, shell_name)
                .args(args.iter().copied())
                .arg("source dock nosuch; echo goes on")
                .env("TERM", "dumb")
                .run()
        };
        let outcome = run(args);
        outcome.check(outcome.stdout.ends_with("goes on\n"), || "it ended".to_owned());
        // A script with errexit ends, so that it does not continue with the local engine.
        run(&["-ec"]).status(1).stdout_is("");
    }
}
