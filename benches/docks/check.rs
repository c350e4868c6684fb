//! check-dock, for this machine and for a dock.

use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Rounds};

use crate::fixture::Fixture;

/// A check takes a noticeable time, which varies little.
const ROUNDS: Rounds = Rounds { warm_up: 1, counted: 5 };

pub(crate) fn local(_: &Fixture) -> Comparison {
    row("`check-dock`, the local engine", &[], "2 s")
}

pub(crate) fn dock(_: &Fixture) -> Comparison {
    row("`check-dock near`, a dock without delay", &["near"], "3 s")
}

fn row(what: &str, args: &[&str], target: &str) -> Comparison {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-dock"));
    command.args(args).current_dir("/");
    let findings = String::from_utf8(command.output().unwrap().stdout).unwrap().lines().count();
    let [time] = ROUNDS.medians_of([command]);
    Comparison {
        what: what.to_owned(),
        measured: format!("{time:.2} s"),
        reference: format!("{findings} lines"),
        result: format!("{time:.2} s"),
        target: target.to_owned(),
    }
}
