//! Machines that end while their dock is created, and docks that do not become ready.

use dockerutils_testbed::ec2::{User, ec2};

use super::{create_dock, journals};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_that_ends_at_once_is_named_with_the_reason_and_nothing_is_left() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("boot_failure", "Client.VolumeLimitExceeded");
    let outcome = create_dock(&user, "box").run();
    outcome.status(1).stderr_has(" ended at once: Client.VolumeLimitExceeded");
    outcome.stderr_has(": delete volumes that you do not need, or request a larger quota");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());

    // It is stopped before create-dock sees it run.
    ec2.reset();
    ec2.fault("RunInstances#2=hold-after");
    let creation = create_dock(&user, "box").spawn();
    ec2.wait_until_held();
    let census = ec2.census();
    let id = census.instances[0].split(' ').next().unwrap_or_default();
    user.aws(&format!("stop-instances --instance-ids {id}"));
    ec2.release();
    creation.wait().status(1).stderr_has(&format!("{id} ended at once: "));
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert_eq!(journals(&user), [""; 0]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_that_is_not_ready_is_kept_with_its_console_and_the_commands_to_go_on() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // A docker that is too old for the engine of the dock.
    let old = user.home().join("old");
    std::fs::create_dir(&old).expect("a folder");
    user.shell(&format!(
        "printf '#!/bin/sh\necho 1.10\n' >{0}/docker && chmod 755 {0}/docker",
        old.display()
    ))
    .run()
    .status(0);
    let outcome = create_dock(&user, "box").path_first(&old).run();
    outcome
        .status(1)
        .stderr_has(" responds, but its docker accepts version 1.12 of docker's API and later ones");
    outcome.stderr_has("the docker of this machine has version 1.10: install a newer one here");
    outcome
        .stderr_has("it is kept: `create-dock box --resume` checks it again, `destroy-dock box` removes it");
    outcome.stderr_has("create-dock: console: -----END SSH HOST KEY KEYS-----");
    assert_eq!(ec2.census().instances.len(), 1);
    create_dock(&user, "box --resume").run().status(0).stderr_has("box is ready");
    assert_eq!(journals(&user), [""; 0]);
}
