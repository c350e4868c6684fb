//! create-dock that is killed: its journal is enough to undo or to finish what it began.

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{Census, Ec2, User, ec2};
use dockerutils_testkit::Signal;

use super::{create_dock, journals, moved_key};

/// Calls of create-dock at which it is killed, the last one while it waits for the machine.
const CALLS: [&str; 4] =
    ["ImportKeyPair#1", "AuthorizeSecurityGroupIngress#1", "RunInstances#2", "GetConsoleOutput#1"];

/// Kills create-dock at one of its calls.
fn killed<'a>(ec2: &'a Ec2, call: &str, disturbance: Disturbance) -> User<'a> {
    ec2.reset();
    let user = User::new(ec2);
    let cell = Cell::run(ec2, create_dock(&user, "box"), call, disturbance);
    cell.outcome.status(128 + Signal::SIGKILL as i32);
    user
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn gc_docks_or_destroy_dock_removes_what_a_killed_creation_has_left() {
    let ec2 = ec2();
    for call in CALLS {
        for disturbance in Disturbance::KILLS {
            let user = killed(&ec2, call, disturbance);
            let gc = user.command("gc-docks").args(["--yes", "--older-than", "0"]).run();
            if user.has_record("box") {
                // It is a dock that ls-dock shows, and gc-docks touches none of these.
                user.command("destroy-dock").args(["box", "-y"]).run().status(0);
            }
            let census = ec2.census();
            gc.check(census == Census::default(), || format!("{disturbance} at {call}: {census:?}"));
            assert_eq!(journals(&user), [""; 0], "{disturbance} at {call}");
        }
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn resume_finishes_a_killed_creation_with_one_machine_or_removes_what_it_made() {
    let ec2 = ec2();
    for call in CALLS {
        for disturbance in Disturbance::KILLS {
            let user = killed(&ec2, call, disturbance);
            let resume = create_dock(&user, "box --resume").run();
            resume.status(0);
            let census = ec2.census();
            let is_right = match (call, disturbance) {
                // The stand-in may or may not carry out a launch whose client has ended.
                ("RunInstances#2", Disturbance::SignalBefore(_)) => census.instances.len() <= 1,
                ("RunInstances#2" | "GetConsoleOutput#1", _) => census.instances.len() == 1,
                _ => census.is_empty(),
            };
            resume.check(is_right, || format!("{disturbance} at {call}: {census:?}"));
            // Without a machine there was nothing to finish, and what was made is removed.
            if !census.is_empty() {
                user.command("ssh-dock").args(["box", "--", "docker", "version"]).run().status(0);
            }
            assert_eq!(journals(&user), [""; 0], "{disturbance} at {call}");
        }
    }
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn resume_logs_in_with_the_key_of_the_first_run_and_names_what_starts_a_machine_that_was_stopped() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let key = moved_key(&user);
    let creation = create_dock(&user, "box --key").arg(format!("{}.pub", key.display()));
    Cell::run(&ec2, creation, "GetConsoleOutput#1", Disturbance::SignalAfter(Signal::SIGKILL));
    let id = user.instance("box");
    user.aws(&format!("stop-instances --instance-ids {id}"));
    user.wait_for_state(&id, "stopped");
    create_dock(&user, "box --resume").run().status(1).stderr_has(&format!(
        "{id} is stopped: `start-dock box` starts it, and then `create-dock box --resume` finishes it"
    ));
    user.command("start-dock").arg("box").run().status(0);
    create_dock(&user, "box --resume").run().status(0).stderr_has("box is ready");
    user.command("ssh-dock").args(["box", "--", "true"]).run().status(0);
}
