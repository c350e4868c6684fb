//! The prompt and the environment after every order of dock, castoff, activate and deactivate.

use dockerutils_testbed::dock;

use super::{Held, nothing_is_left, program, project_that_knows};

/// Orders of at most two of each; the one without a step counts too.
const COUNT: usize = 507;

fn every_order(shell: &str, options: &str) {
    let dock = dock();
    let project = project_that_knows(dock);
    project.program("python3").args(["-m", "venv", "--without-pip", "venv"]).run().status(0);
    let held = Held::open(&project, dock);
    let extension = if shell == "fish" { "fish" } else { "sh" };
    let script = format!("{}/tests/docks/shell/orders.{extension}", env!("CARGO_MANIFEST_DIR"));
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
    outcome.status(0).stdout_is(&format!("{COUNT} orders\n"));
    drop(held);
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn bash() {
    every_order("bash", "");
}

#[test]
#[ignore = "needs root: dock"]
fn bash_with_errexit_and_nounset() {
    every_order("bash", "set -eu");
}

#[test]
#[ignore = "needs root: dock"]
fn zsh() {
    every_order("zsh", "");
}

#[test]
#[ignore = "needs root: dock"]
fn zsh_with_errexit_and_nounset() {
    every_order("zsh", "set -eu");
}

#[test]
#[ignore = "needs root: dock"]
fn fish() {
    every_order("fish", "");
}
