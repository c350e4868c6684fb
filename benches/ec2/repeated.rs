//! start-dock, stop-dock and destroy-dock with each call disturbed: a second run ends as an undisturbed one.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{Ec2, User};
use dockerutils_testkit::Invocation;

use crate::Stands;
use crate::table::{Checked, Row};

/// A command that changes a dock.
struct Change {
    words: &'static [&'static str],
    /// What the dock must have been through before.
    before: &'static [&'static str],
    /// The states of the instances after it.
    after: &'static [&'static str],
}

pub(crate) fn start(stands: &Stands) -> Row {
    row(
        "start-dock",
        stands,
        &Change { words: &["start-dock", "box"], before: &["stop-dock", "box", "-y"], after: &["running"] },
    )
}

pub(crate) fn stop(stands: &Stands) -> Row {
    row("stop-dock", stands, &Change { words: &["stop-dock", "box", "-y"], before: &[], after: &["stopped"] })
}

pub(crate) fn destroy(stands: &Stands) -> Row {
    row(
        "destroy-dock",
        stands,
        &Change { words: &["destroy-dock", "box", "-y", "-f"], before: &[], after: &[] },
    )
}

fn row(what: &'static str, stands: &Stands, change: &Change) -> Row {
    let user = prepare(&stands[0], change);
    run(&user, change.words).run().status(0);
    let calls = stands[0].calls().len();
    Row::run(what, stands, calls, &Disturbance::ALL, |ec2, call, disturbance| {
        cell(ec2, change, call, disturbance)
    })
}

/// Creates a dock in the state that the command starts from.
fn prepare<'a>(ec2: &'a Ec2, change: &Change) -> User<'a> {
    ec2.reset();
    let user = User::new(ec2);
    crate::create(&user).run().status(0);
    if !change.before.is_empty() {
        run(&user, change.before).run().status(0);
    }
    ec2.forget_calls();
    user
}

fn run(user: &User, words: &[&str]) -> Invocation {
    user.command(words[0]).args(words[1..].iter().copied())
}

fn cell(ec2: &Ec2, change: &Change, call: &str, disturbance: Disturbance) -> Checked {
    let user = prepare(ec2, change);
    let cell = Cell::run(ec2, run(&user, change.words), call, disturbance);
    let again = run(&user, change.words).run();
    let census = ec2.census();
    let states: Vec<&str> = census.instances.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    // A dock that is destroyed has no record any more, and leaves nothing else either.
    let is_done = again.status == 0 || (change.after.is_empty() && !user.has_record("box"));
    let is_right = is_done && states == change.after && (!change.after.is_empty() || census.is_empty());
    let wrong =
        (!is_right).then(|| cell.describe(&format!("then {}, {census:?}: {}", again.status, again.stderr)));
    Checked { cell, wrong }
}
