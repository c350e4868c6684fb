//! check-dock, for this machine and for a dock, in a project with nothing wrong.

use std::fs;
use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Rounds};

use crate::fixture::Fixture;

/// A check takes a noticeable time, which varies little.
const ROUNDS: Rounds = Rounds { warm_up: 1, counted: 5 };

pub(crate) fn local(fixture: &Fixture) -> Comparison {
    row("`check-dock`, the local engine", &[], Some(fixture.local()), "2 s")
}

pub(crate) fn dock(_: &Fixture) -> Comparison {
    row("`check-dock near`, a dock without delay", &["near"], None, "3 s")
}

fn row(what: &str, args: &[&str], host: Option<String>, target: &str) -> Comparison {
    let project = tempfile::tempdir().unwrap();
    fs::create_dir_all(project.path().join("docker/dev")).unwrap();
    fs::write(project.path().join("docker/dev/Dockerfile"), "FROM busybox:latest\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-dock"));
    command.args(args).current_dir(project.path()).envs(host.map(|host| ("DOCKER_HOST", host)));
    let checked = command.output().unwrap();
    let found = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "a problem of this machine would be measured:\n{found}");
    let [time] = ROUNDS.medians_of([command]);
    Comparison {
        what: what.to_owned(),
        measured: format!("{time:.2} s"),
        reference: format!("{} lines", found.lines().count()),
        result: format!("{time:.2} s"),
        target: target.to_owned(),
    }
}
