//! `--keep-failed`, and the key: the container is removed by us, and only if it has succeeded.

use dockerutils_testkit::{Outcome, Project};

/// A docker whose containers exist and end with this status.
fn run(cfg: &str, args: &[&str], status: u8) -> Outcome {
    let script = format!("case $1 in run) exit {status} ;; esac");
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
    project.command("run-image").args(args).docker_runs(&script).run()
}

/// Returns the calls without the name of the container, which has the time in it.
fn calls(outcome: &Outcome) -> Vec<Vec<String>> {
    let name = outcome.calls[0][3].clone();
    let words = |call: &Vec<String>| call.iter().filter(|word| **word != name).cloned().collect();
    outcome.calls.iter().map(words).collect()
}

#[test]
fn a_container_that_succeeds_is_removed_and_one_that_fails_is_kept() {
    let started = ["run", "--init", "--name", "-i", "--pull", "never", "proj-dev:tester"].map(str::to_owned);
    for (cfg, args) in [
        ("", &["dev", "--keep-failed"][..]),
        ("[dev]\nkeep_failed=True\n", &["dev"]),
        // Docker would remove the container.
        ("[dev]\nargs=--rm\n", &["dev", "--keep-failed", "-a", "--rm"]),
    ] {
        let succeeded = run(cfg, args, 0);
        succeeded.status(0).stdout_is("").stderr_lacks("is kept");
        assert_eq!(
            calls(&succeeded),
            [started.to_vec(), ["container", "rm", "--volumes"].map(str::to_owned).to_vec()]
        );
        let failed = run(cfg, args, 7);
        failed.status(7).stderr_has("is kept: `debug-image --last dev` finds out what it died of");
        assert_eq!(calls(&failed), [started.to_vec(), vec!["container".to_owned(), "inspect".to_owned()]]);
    }
}

#[test]
fn a_container_in_the_background_is_kept_in_either_case() {
    for (cfg, args) in [
        ("[dev]\nkeep_failed=True\n", &["-k", "dev"][..]),
        ("[dev]\nkeep_failed=True\ninteractive=-d\n", &["dev"]),
        ("[dev]\ninteractive=-d\n", &["--keep-failed", "dev"]),
    ] {
        let outcome = run(cfg, args, 0);
        assert_eq!(
            calls(&outcome),
            [["run", "--init", "--name", "-d", "--pull", "never", "proj-dev:tester"]]
        );
    }
    run("", &["-k", "--keep-failed", "dev"], 0).status(2).calls_are(&[]);
}

#[test]
fn without_a_container_nothing_is_said_to_be_kept() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("run-image").args(["--keep-failed", "dev"]).docker_exits(125).run();
    outcome.status(125).stderr_lacks("is kept");
}
