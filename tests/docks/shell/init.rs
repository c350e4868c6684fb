//! `dock-session init`: dock and castoff as functions, also in shells that were started in a docked terminal. No dock is
//! needed: the variables of docking are inherited.

use std::env;
use std::path::Path;

use dockerutils_testkit::{Invocation, Outcome, Project};

use super::{SHELLS, shells};

/// The variables of a terminal that was docked to `gpu` by `source dock`. Its connection is closed.
const SOCKET: &str = "unix:///tmp/dockerutils-1/192.0.2.1-0a/docker.sock";
const DOCKED: [(&str, &str); 3] =
    [("DOCKER_HOST", SOCKET), ("DOCKER_IP", "192.0.2.1"), ("DOCK_MONIKER", "gpu")];

/// Returns a shell whose start-up file has the line for dockerutils, and which runs a script.
fn shell(project: &Project, name: &str, script: &str) -> Invocation {
    let (_, args) = SHELLS.iter().find(|(shell, _)| *shell == name).unwrap();
    let commands = Path::new(env!("CARGO_BIN_EXE_dock-session")).parent().unwrap().to_owned();
    let system = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([commands].into_iter().chain(env::split_paths(&system))).unwrap();
    let prompt = if name == "fish" { "function fish_prompt; printf '$ '; end" } else { "PS1='$ '" };
    let script = format!("{prompt}; eval \"$(dock-session init {name})\"\n{script}");
    project.program(name).args(args.iter().copied()).arg(script).env("PATH", path)
}

/// Runs a script in a shell that was started in a terminal docked to `gpu`, whose variables from before docking are these.
fn nested(project: &Project, name: &str, before: Option<&str>, script: &str) -> Outcome {
    let mut invocation = shell(project, name, script);
    for (variable, value) in DOCKED.into_iter().chain(before.map(|before| ("__dock_before", before))) {
        invocation = invocation.env(variable, value);
    }
    invocation.run()
}

/// Prints the prompt.
fn prompt(name: &str) -> &'static str {
    if name == "fish" { "fish_prompt; echo" } else { "printf '%s\\n' \"$PS1\"" }
}

const VARIABLES: &str = "env | grep ^DOCK | sort";

#[test]
fn a_nested_shell_shows_the_dock_and_castoff_restores_what_was_before_the_first_docking() {
    let cases = [
        (Some("{}"), ""),
        (Some(r#"{"DOCKER_HOST":"tcp://192.0.2.9:2375"}"#), "DOCKER_HOST=tcp://192.0.2.9:2375\n"),
        (Some(r#"{"DOCKER_CONTEXT":"it's $(touch ran)"}"#), "DOCKER_CONTEXT=it's $(touch ran)\n"),
        // The socket is ours, so it is not what was before docking, even if that is not known.
        (None, ""),
        (Some("nonsense"), ""),
    ];
    for name in shells() {
        let project = Project::new();
        for (before, restored) in cases {
            let show = prompt(name);
            let script = format!("{show}; castoff; {show}; {VARIABLES}; env | grep -c __dock; true");
            let outcome = nested(&project, name, before, &script);
            outcome.status(0).stdout_is(&format!("$ [dock:gpu] \n$ \n{restored}0\n"));
            outcome.stderr_has(
                "dock: docked to gpu, whose connection is closed (`source dock gpu` opens it again",
            );
            assert!(!project.root().join("ran").exists());
        }
    }
}

#[test]
fn a_shell_in_a_nested_shell_knows_castoff_too() {
    for name in shells() {
        let project = Project::new();
        let args = SHELLS.iter().find(|(shell, _)| *shell == name).unwrap().1.join(" ");
        let line = format!("eval \"$(dock-session init {name})\"");
        let script = format!("{name} {args} '{line}; castoff; {VARIABLES}'; {VARIABLES}");
        let outcome = nested(&project, name, Some(r#"{"DOCKER_HOST":"tcp://192.0.2.9:2375"}"#), &script);
        outcome.status(0).stdout_is(&format!(
            "DOCKER_HOST=tcp://192.0.2.9:2375\nDOCKER_HOST={SOCKET}\nDOCKER_IP=192.0.2.1\nDOCK_MONIKER=gpu\n"
        ));
    }
}

#[test]
fn an_inherited_prompt_names_the_dock_once() {
    for name in shells().filter(|name| *name != "fish") {
        let script = "printf '%s\\n' \"$PS1\"; castoff; printf '%s\\n' \"$PS1\"";
        let init = format!("PS1='$ [dock:gpu] '; eval \"$(dock-session init {name})\"; {script}");
        // The line is evaluated where nothing has docked this shell yet.
        let outcome = nested(&Project::new(), name, Some("{}"), &format!("castoff; {}", reinherit(&init)));
        outcome.status(0).stdout_is("$ [dock:gpu] \n$ \n");
    }
}

/// Returns a script that first exports the variables of docking again.
fn reinherit(script: &str) -> String {
    let exports = DOCKED.map(|(name, value)| format!("export {name}={value}; "));
    format!("{}{script}", exports.concat())
}

#[test]
fn castoff_in_a_terminal_that_is_not_docked_says_so() {
    for name in shells() {
        let project = Project::new();
        let outcome = shell(&project, name, "castoff; echo goes on; castoff || echo 1").run();
        let message = "dock: this terminal is not docked, so castoff has nothing to undo";
        let expected = if name == "fish" { "goes on\n" } else { "goes on\n1\n" };
        outcome.check(outcome.stdout.starts_with(expected), || expected.to_owned());
        outcome.stderr_has(&format!("{message}\n"));
        // Set by hand, as for the Python tool: it is the user's.
        let by_hand = shell(&project, name, &format!("castoff; {VARIABLES}"))
            .env("DOCKER_HOST", "ssh://ubuntu@192.0.2.1")
            .env("DOCKER_IP", "192.0.2.1")
            .run();
        by_hand.stdout_is("DOCKER_HOST=ssh://ubuntu@192.0.2.1\nDOCKER_IP=192.0.2.1\n");
        by_hand.stderr_has(&format!(
            "{message} (DOCKER_HOST was set otherwise: `unset DOCKER_HOST DOCKER_IP`)\n"
        ));
    }
}

/// As after `. ~/.bashrc`: castoff must not call itself.
#[test]
fn the_line_in_a_docked_terminal_keeps_its_castoff() {
    for name in shells() {
        let project = Project::new();
        let show = prompt(name);
        let line = format!("eval \"$(dock-session init {name})\"");
        let script = format!("{line}; {line}; {show}; castoff; {show}; {VARIABLES}; castoff; true");
        let before = Some(r#"{"DOCKER_HOST":"tcp://192.0.2.9:2375"}"#);
        let outcome = nested(&project, name, before, &script);
        outcome.status(0).stdout_is("$ [dock:gpu] \n$ \nDOCKER_HOST=tcp://192.0.2.9:2375\n");
        let notes = outcome.stderr.matches("docked to gpu, whose connection is closed").count();
        assert_eq!(notes, 1, "{}", outcome.stderr);
        outcome.stderr_has("dock: this terminal is not docked, so castoff has nothing to undo");
    }
}

#[test]
fn castoff_with_arguments_changes_nothing() {
    for name in shells() {
        let project = Project::new();
        let words = "castoff --help && echo helped; castoff -q || echo refused; castoff gpu || echo refused";
        let docked = nested(&project, name, Some("{}"), &format!("{words}; {}; {VARIABLES}", prompt(name)));
        docked.status(0).stdout_is(&format!(
            "helped\nrefused\nrefused\n$ [dock:gpu] \nDOCKER_HOST={SOCKET}\nDOCKER_IP=192.0.2.1\nDOCK_MONIKER=gpu\n"
        ));
        let undocked = shell(&project, name, words).run();
        undocked.status(0).stdout_is("helped\nrefused\nrefused\n");
        for outcome in [docked, undocked] {
            outcome
                .stderr_has("Point this terminal at where it was before `source dock`\n\nUsage: castoff\n");
            outcome.stderr_has("castoff: unexpected argument '-q' found (see --help)\n");
            outcome.stderr_has("castoff: unexpected argument 'gpu' found (see --help)\n");
        }
    }
}

#[test]
fn a_file_called_dock_in_the_working_folder_is_not_run() {
    for name in shells() {
        let project =
            Project::new().file("dock", "touch ran\n").executable("castoff", "#!/bin/sh\ntouch ran\n");
        let outcome = shell(&project, name, "dock nosuch; castoff; true").run();
        outcome.status(0).stderr_has("dock: there is no dock `nosuch`");
        assert!(!project.root().join("ran").exists(), "{name}");
    }
    // zsh's `.` searches PATH only. Its `source` searches the working folder first, which no file can prevent.
    let project = Project::new().file("dock", "touch ran\n");
    shell(&project, "zsh", ". dock nosuch; true").run().status(0);
    assert!(!project.root().join("ran").exists());
}

#[test]
fn the_code_is_silent_with_every_option() {
    for (name, options) in [
        ("bash", &["set -eu", "set -o posix", "set -C", "shopt -s failglob", "IFS=/"][..]),
        ("zsh", &["set -eu", "setopt ksh_arrays sh_word_split", "emulate sh", "IFS=/"]),
    ] {
        for option in options {
            let script = format!(
                "{option}; eval \"$(dock-session init {name})\"; dock --dry-run nosuch || echo failed"
            );
            let outcome = shell(&Project::new(), name, &script).run();
            outcome
                .status(0)
                .stdout_is("failed\n")
                .stderr_lacks("dock-session")
                .stderr_lacks("command not found");
            assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        }
    }
}
