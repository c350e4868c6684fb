//! Machines that run and do not become docks: those that do not respond are removed, the others are kept to be looked at.

use std::fs;

use dockerutils_testbed::ec2::{User, ec2};

use super::{create_dock, journals};

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

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_on_which_no_ssh_responds_in_time_is_removed() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("ssh_late", 600);
    let outcome = create_dock(&user, "box --timeout 1m").run();
    outcome.status(1).stderr_has(" does not respond within 1m: ").stderr_has("Connection refused");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    assert!(!user.has_record("box"));
    assert_eq!(journals(&user), [""; 0]);
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_machine_whose_user_data_fails_or_that_would_not_stop_itself_is_kept() {
    let ec2 = ec2();
    for (script, reason) in [
        ("echo it broke here; exit 1", "cloud-init failed: status: error"),
        (
            "systemctl disable --now dockerutils-idle.timer; echo it broke here",
            "its timer dockerutils-idle.timer is not active",
        ),
    ] {
        ec2.reset();
        let user = User::new(&ec2);
        let file = user.home().join("setup.sh");
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file");
        let outcome = create_dock(&user, "box --user-data").arg(file).run();
        outcome.status(1).stderr_has(&format!(" responds, but {reason}; it is kept: "));
        outcome.stderr_has("create-dock: console: it broke here");
        assert_eq!(ec2.census().instances.len(), 1);
        assert_ne!(journals(&user), [""; 0]);
        user.command("destroy-dock").args(["box", "-y"]).run().status(0);
        assert!(ec2.census().is_empty(), "{:?}", ec2.census());
    }
}
