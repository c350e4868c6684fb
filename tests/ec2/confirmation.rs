//! The confirmation on a terminal before a dock is stopped or destroyed.

use dockerutils_testbed::ec2::{User, ec2};
use dockerutils_testkit::Outcome;

use super::create;

/// Runs a command in a terminal, and types an answer to its question.
#[track_caller]
fn answered(user: &User, command: &str, question: &str, answer: &str) -> Outcome {
    let terminal = user.command(command).arg("box").spawn_in_terminal();
    terminal.wait_for(question);
    terminal.types(answer);
    terminal.wait()
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_is_stopped_after_a_yes_and_destroyed_after_its_name_was_typed() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box");
    let (stop, destroy) = ("no container runs there [y/N]", "type its name to confirm:");
    for answer in ["\r", "n\r", "box\r"] {
        answered(&user, "stop-dock", stop, answer).status(1).stderr_has("box was not changed");
    }
    for answer in ["\r", "y\r", "boxx\r"] {
        answered(&user, "destroy-dock", destroy, answer).status(1).stderr_has("box was not changed");
    }
    answered(&user, "destroy-dock", destroy, "\x03").status(130);
    assert_eq!(ec2.count("StopInstances") + ec2.count("TerminateInstances"), 0);

    let docked = user.shell("source dock box && destroy-dock box --dry-run").run();
    docked.stderr_lacks("terminals are docked");
    let docked = user.shell("source dock box && stop-dock box -y").run();
    docked.status(0).stderr_has("terminals are docked to box (shells and commands by process id: ");
    user.command("start-dock").arg("box").run().status(0);
    answered(&user, "stop-dock", stop, "y\r").status(0);
    user.wait_for_state(&user.instance("box"), "stopped");
    answered(&user, "destroy-dock", destroy, "box\r").status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}
