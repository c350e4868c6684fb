//! Calls that fail, and signals while they are made: one machine or nothing is left. `benches/ec2` disturbs every call.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Signal;

use super::{create, create_dock, journals};

/// The calls of create-dock that have an effect. The first RunInstances is a dry run.
const WRITES: [&str; 4] =
    ["ImportKeyPair#1", "CreateSecurityGroup#1", "AuthorizeSecurityGroupIngress#1", "RunInstances#2"];

/// What disturbs them.
const DISTURBANCES: [Disturbance; 6] = [
    Disturbance::SignalBefore(Signal::SIGINT),
    Disturbance::SignalAfter(Signal::SIGINT),
    Disturbance::SignalAfter(Signal::SIGTERM),
    Disturbance::Fault("cut-after"),
    Disturbance::Fault("UnauthorizedOperation"),
    Disturbance::Fault("garbage"),
];

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_disturbed_creation_makes_one_machine_or_leaves_nothing() {
    let ec2 = ec2();
    let cells = WRITES.iter().flat_map(|call| DISTURBANCES.map(|disturbance| (*call, disturbance)));
    let faults: Vec<String> =
        cells.filter_map(|(call, disturbance)| creation(&ec2, "box", call, disturbance)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_creation_that_is_disturbed_when_it_protects_the_machine_can_be_undone_or_keeps_it() {
    let ec2 = ec2();
    let call = "ModifyInstanceAttribute#1";
    let disturbed = DISTURBANCES.into_iter();
    let faults: Vec<String> =
        disturbed.filter_map(|disturbance| creation(&ec2, "box --protect", call, disturbance)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Disturbs one call of create-dock, and returns what is wrong.
fn creation(ec2: &Ec2, words: &str, call: &str, disturbance: Disturbance) -> Option<String> {
    ec2.reset();
    let user = User::new(ec2);
    let cell = Cell::run(ec2, create_dock(&user, words), call, disturbance);
    // The census does not count terminated instances.
    let started = user.aws("describe-instances --query Reservations[].Instances[].InstanceId");
    let has_two = started.split_whitespace().count() > 1;
    // The journal of a machine that is kept is for --resume.
    let is_journal_wrong = journals(&user).is_empty() == cell.is_kept();
    cell.creation_fault()
        .or_else(|| has_two.then(|| cell.describe(&format!("two machines: {started}"))))
        .or_else(|| is_journal_wrong.then(|| cell.describe("a journal too many, or none")))
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_second_destroy_dock_ends_as_an_undisturbed_one() {
    let ec2 = ec2();
    for disturbance in [Disturbance::SignalAfter(Signal::SIGINT), Disturbance::Fault("cut-after")] {
        for call in ["TerminateInstances#1", "DeleteSecurityGroup#1", "DeleteKeyPair#1"] {
            ec2.reset();
            let user = User::new(&ec2);
            create(&user, "box");
            let destroy = || user.command("destroy-dock").args(["box", "-y"]);
            Cell::run(&ec2, destroy(), call, disturbance);
            let again = destroy().run();
            let census = ec2.census();
            again.check(census.is_empty(), || format!("{disturbance} at {call}: {census:?}"));
        }
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_second_stop_dock_and_start_dock_end_as_undisturbed_ones() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box");
    let id = user.instance("box");
    for disturbance in [Disturbance::SignalAfter(Signal::SIGTERM), Disturbance::Fault("cut-after")] {
        for (command, call, state) in
            [("stop-dock", "StopInstances#1", "stopped"), ("start-dock", "StartInstances#1", "running")]
        {
            let run = || match command {
                "stop-dock" => user.command(command).args(["box", "-y"]),
                _ => user.command(command).arg("box"),
            };
            Cell::run(&ec2, run(), call, disturbance);
            run().run().status(0);
            user.wait_for_state(&id, state);
        }
        user.command("ssh-dock").args(["box", "--", "true"]).run().status(0);
    }
}
