//! create-dock, killed at each call, and then undone or finished.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{Census, Ec2, User};
use dockerutils_testkit::Outcome;

use crate::Stands;
use crate::create::count_calls;
use crate::table::{Checked, Row};

pub(crate) fn removed(stands: &Stands) -> Row {
    let calls = count_calls(&stands[0]);
    Row::run(
        "create-dock, killed, then gc-docks",
        stands,
        calls,
        &Disturbance::KILLS,
        |ec2, call, disturbance| {
            let gc = |user: &User| {
                let gc = user.command("gc-docks").args(["--yes", "--older-than", "0"]).run();
                // gc-docks does not touch a dock with a record, which ls-dock shows.
                let destroy = || user.command("destroy-dock").args(["box", "-y", "-f"]).run();
                if user.has_record("box") { destroy() } else { gc }
            };
            killed_and_then(ec2, call, disturbance, gc, |_, end| end.census.is_empty())
        },
    )
}

pub(crate) fn resumed(stands: &Stands) -> Row {
    let calls = count_calls(&stands[0]);
    Row::run(
        "create-dock, killed, then --resume",
        stands,
        calls,
        &Disturbance::KILLS,
        |ec2, call, disturbance| {
            let resume = |user: &User| crate::create(user).arg("--resume").run();
            killed_and_then(ec2, call, disturbance, resume, |user, end| {
                let works =
                    || user.command("ssh-dock").args(["box", "--", "docker", "version"]).run().status == 0;
                match end.census.instances.len() {
                    // Before the journal there is nothing to resume, and before the launch what was made is removed.
                    0 => end.census.is_empty() && !end.had_machine,
                    1 => end.status == 0 && works(),
                    _ => false,
                }
            })
        },
    )
}

/// What is left after the second command.
struct End {
    status: i32,
    census: Census,
    /// Whether the first command had started a machine when it was killed.
    had_machine: bool,
}

fn killed_and_then(
    ec2: &Ec2,
    call: &str,
    disturbance: Disturbance,
    second: impl Fn(&User) -> Outcome,
    is_right: impl Fn(&User, &End) -> bool,
) -> Checked {
    ec2.reset();
    let user = User::new(ec2);
    let cell = Cell::run(ec2, crate::create(&user), call, disturbance);
    let outcome = second(&user);
    let had_machine = !cell.census.instances.is_empty();
    let end = End { status: outcome.status, census: ec2.census(), had_machine };
    let wrong = (!is_right(&user, &end))
        .then(|| cell.describe(&format!("then {}, {:?}: {}", end.status, end.census, outcome.stderr)));
    Checked { cell, wrong }
}
