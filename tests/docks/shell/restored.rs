//! castoff restores variables, functions and prompt from every state.

use dockerutils_testbed::dock;

use super::{Held, eventually, nothing_is_left, processes, program, project_that_knows, shell, shells};

/// The states of a variable before docking, in the syntax of bash and zsh, and in that of fish.
const STATES: [(&str, &str); 7] = [
    ("unset NAME", "set --erase --global NAME"),
    ("NAME=", "set --global NAME ''"),
    ("NAME=' a  b '", "set --global NAME ' a  b '"),
    ("export NAME=", "set --global --export NAME ''"),
    ("export NAME=tcp://192.0.2.1:2375", "set --global --export NAME tcp://192.0.2.1:2375"),
    (
        r#"export NAME='$(touch run) `touch run` \ "; touch run; '\'' %s * ~ ü'"#,
        r#"set --global --export NAME '$(touch run) (touch run) \\ "; touch run; \' %s * ~ ü'"#,
    ),
    ("export NAME='two\nlines'", "set --global --export NAME 'two\nlines'"),
];

const NAMES: [&str; 6] =
    ["DOCKER_HOST", "DOCKER_IP", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCK_MONIKER"];

/// Returns a function that prints everything in a shell that docking could change.
fn show(shell: &str) -> &'static str {
    match shell {
        // Counters and clocks of the shell are left out.
        "bash" => {
            "show() { declare -p | grep -vE '^declare -[^ ]+ (BASH.*|EPOCH.*|FUNCNAME|LINENO|PIPESTATUS|RANDOM|SECONDS|SRANDOM|_)(=|$)'
                      declare -F; declare -f castoff || :; set +o; shopt || :; alias; }"
        }
        "zsh" => {
            "show() { typeset -p | grep -vE '^[^=]* (EPOCH.*|LINENO|RANDOM|SECONDS|TTYIDLE|_|argv|[?!#*@$0])(=|$)'
                      typeset -f; set -o; alias; }"
        }
        _ => "function show; set | string match --invert --regex '^(_|history|status|pipestatus) ' | string match --invert --regex '^CMD_DURATION'
                  set --names --export; functions --all --names; functions --no-details castoff fish_prompt _old_fish_prompt 2>/dev/null; end",
    }
}

/// Returns a script that compares everything before and after some steps.
pub(super) fn unchanged(shell_name: &str, prepare: &str, steps: &str) -> String {
    let show = show(shell_name);
    match shell_name {
        "fish" => format!(
            "{show}; {prepare}; set before (show | string collect)
             {steps}
             test \"$before\" = (show | string match --invert --regex '^before ' | string collect)
             or begin; echo \"$before\" >before; show >after; diff before after; exit 1; end"
        ),
        _ => format!("{show}; {prepare}; show >|before\n{steps}\nshow >|after; diff before after"),
    }
}

/// Returns a script that docks and casts off. In between, no variable points docker at another engine.
fn round_trip(shell_name: &str, prepare: &str) -> String {
    let steps = "source dock gpu || exit 9; env | grep -E '^DOCKER_(TLS|CONTEXT)' || true; castoff";
    unchanged(shell_name, prepare, steps)
}

#[test]
#[ignore = "needs root: dock"]
fn castoff_restores_every_variable_from_every_state() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let held = Held::open(&project, dock);
        for shift in 0..STATES.len() {
            let statements = NAMES.iter().enumerate().map(|(index, name)| {
                let (posix, fish) = STATES[(index + shift) % STATES.len()];
                if shell_name == "fish" { fish } else { posix }.replace("NAME", name)
            });
            let prepare = statements.collect::<Vec<_>>().join("; ");
            shell(&project, dock, shell_name, &round_trip(shell_name, &prepare))
                .run()
                .status(0)
                .stdout_is("");
            assert!(!project.root().join("run").exists(), "a value was run");
        }
        drop(held);
        nothing_is_left(&project);
    }
}

/// Options that change how a shell parses, or what it treats as an error.
const OPTIONS: [(&str, &[&str]); 2] = [
    (
        "bash",
        &[
            "set -eu",
            "set -C; set -o pipefail -o functrace -o errtrace",
            "set -o posix",
            "shopt -s failglob extglob nocasematch",
            "shopt -u sourcepath; source() { builtin source \"$SHELL_FOLDER/$@\"; }",
            "IFS=/",
            "IFS=dock:",
        ],
    ),
    (
        "zsh",
        &[
            "set -eu",
            "setopt noclobber err_return pipe_fail",
            "setopt ksh_arrays sh_word_split nomatch",
            "setopt no_nomatch glob_subst rc_expand_param extended_glob ksh_glob null_glob",
            "setopt posix_builtins posix_identifiers posix_argzero no_function_argzero",
            "setopt rc_quotes csh_junkie_quotes prompt_subst no_prompt_percent",
            "emulate sh",
            "emulate ksh",
            "IFS=/",
        ],
    ),
];

#[test]
#[ignore = "needs root: dock"]
fn castoff_restores_everything_with_any_shell_option() {
    let dock = dock();
    for (shell_name, options) in OPTIONS {
        let project = project_that_knows(dock);
        let _held = Held::open(&project, dock);
        for option in options {
            let prepare = format!("PS1='%~ \\w $ [dock:gpu] [x] * '; export DOCKER_CONTEXT='a *'; {option}");
            let outcome = shell(&project, dock, shell_name, &round_trip(shell_name, &prepare))
                .env("SHELL_FOLDER", super::shell_folder())
                .run();
            outcome.status(0).stdout_is("").stderr_lacks("shell").stderr_lacks("warning");
        }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn castoff_restores_a_function_of_the_same_name() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let prepare = match shell_name {
            "fish" => "function castoff; echo mine (string length \"it's\"); end",
            _ => "castoff() { local x='it'\\''s'; echo \"mine ${#x}\"; }",
        };
        let script = round_trip(shell_name, prepare);
        shell(&project, dock, shell_name, &script).run().status(0).stdout_is("");
        shell(&project, dock, shell_name, &format!("{script}; castoff")).run().stdout_is("mine 4\n");
        nothing_is_left(&project);
    }
}

/// A universal variable is seen by every fish, and is shadowed as long as the terminal is docked.
#[test]
#[ignore = "needs root: dock"]
fn universal_variables_of_fish_count_again_after_castoff() {
    let dock = dock();
    let project = project_that_knows(dock);
    let script = "set -Ux DOCKER_HOST tcp://192.0.2.1:1; set -Ux DOCKER_CONTEXT mine; dock gpu
                  docker version --format '{{.Server.Version}}'; castoff
                  echo $DOCKER_HOST $DOCKER_CONTEXT; set -qg DOCKER_HOST; echo $status; set -qg DOCKER_CONTEXT; echo $status";
    let script = format!("source {}/dock.fish; {script}", super::shell_folder().display());
    // Without its configuration, fish has no universal variables.
    let outcome = program(&project, dock, "fish").args(["-c", &script]).run();
    let (version, rest) = outcome.status(0).stdout.split_once('\n').expect("lines");
    assert!(version.starts_with(dock.version().prefix()), "{version}");
    assert_eq!(rest, "tcp://192.0.2.1:1 mine\n1\n1\n");
    eventually("no process is left", || processes(&project).is_empty());
}

#[test]
#[ignore = "needs root: dock"]
fn the_prompt_does_not_change_if_it_is_disabled_or_read_only() {
    let dock = dock();
    let project = project_that_knows(dock);
    let _held = Held::open(&project, dock);
    for prepare in ["DOCKERUTILS_DISABLE_PROMPT=1; PS1='$ '", "unset PS1", "PS1='$ '; readonly PS1"] {
        for shell_name in shells().filter(|shell| *shell != "fish") {
            let script = format!(
                "{prepare}; before=${{PS1-unset}}; source dock gpu; echo \"$DOCK_MONIKER\"
                                  [ \"${{PS1-unset}}\" = \"$before\" ] || echo \"$PS1\""
            );
            shell(&project, dock, shell_name, &script).run().status(0).stdout_is("gpu\n");
        }
    }
    let script = "set before (fish_prompt); set -g DOCKERUTILS_DISABLE_PROMPT 1; source dock gpu
                  test \"$before\" = (fish_prompt | string collect); and castoff; echo $status";
    shell(&project, dock, "fish", script).run().stdout_is("0\n");
}
