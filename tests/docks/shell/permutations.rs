//! The prompt and the environment after every permutation of dock, castoff, activate and deactivate.

use dockerutils_testbed::dock;

use super::{Held, nothing_is_left, program, project_that_knows};

/// The number of permutations with at most two of each, including the empty one.
const COUNT: usize = 507;

fn check_every_permutation(shell: &str, options: &str) {
    let dock = dock();
    let project = project_that_knows(dock);
    project.program("python3").args(["-m", "venv", "--without-pip", "venv"]).run().status(0);
    let held = Held::open(&project, dock);
    let extension = if shell == "fish" { "fish" } else { "sh" };
    let script = format!("{}/tests/docks/shell/permutations.{extension}", env!("CARGO_MANIFEST_DIR"));
    let flags: &[&str] = match shell {
        "bash" => &["--norc", "--noprofile"],
        "zsh" => &["-f"],
        _ => &["--no-config"],
    };
    let outcome = program(&project, dock, shell)
        .args(flags.iter().copied())
        .arg(script)
        .env("VENV", project.root().join("venv"))
        .env("OPTIONS", options)
        .env("SHELL_FOLDER", super::shell_folder())
        .run();
    outcome.status(0).stdout_is(&format!("{COUNT} permutations\n"));
    drop(held);
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn every_permutation_restores_bash() {
    check_every_permutation("bash", "");
}

#[test]
#[ignore = "needs root: dock"]
fn every_permutation_restores_bash_with_errexit_and_nounset() {
    check_every_permutation("bash", "set -eu");
}

#[test]
#[ignore = "needs root: dock"]
fn every_permutation_restores_zsh() {
    check_every_permutation("zsh", "");
}

#[test]
#[ignore = "needs root: dock"]
fn every_permutation_restores_zsh_with_errexit_and_nounset() {
    check_every_permutation("zsh", "set -eu");
}

#[test]
#[ignore = "needs root: dock"]
fn every_permutation_restores_fish() {
    check_every_permutation("fish", "");
}
