//! A dock from its creation to its end.

use dockerutils_testbed::ec2::{Census, User, ec2};
use dockerutils_testkit::Project;

use super::{create, journals};

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_is_created_used_stopped_started_and_destroyed_and_nothing_is_left() {
    let ec2 = ec2();
    let project = Project::new()
        .cfg("[run_image]\nsynthetic_images=tool\n[tool]\nprefix=False\nname=busybox\ntag=latest\n");
    let user = User::with_project(&ec2, project);
    create(&user, "box").stderr_has("box is ready").stderr_has("source dock box");
    assert_eq!(journals(&user), [""; 0]);
    let id = user.instance("box");
    ec2.on(&id, |dock| dock.import_busybox("busybox:latest"));
    ec2.on(&id, |dock| dock.exec(&["sh", "-c", "echo kept >/home/ubuntu/note"]));
    let run = "source dock box && run-image tool -c 'echo it runs'";
    user.shell(run).run().status(0).stdout_is("it runs\n");
    let first = user.record("box");

    ec2.on(&id, |dock| dock.exec(&["docker", "run", "-d", "--name", "work", "busybox", "sleep", "1000"]));
    let stopping = user.command("stop-dock").arg("box").spawn_in_terminal();
    stopping.wait_for("these containers run there and end: work [y/N]");
    stopping.types("y\r");
    stopping.wait().status(0).stderr_has("box is stopped, and its disk of 100 GiB costs 8.00 $/month");
    user.wait_for_state(&id, "stopped");
    assert_eq!(ec2.machines(), [""; 0]);
    user.command("start-dock").arg("box").run().status(0);

    assert_ne!(user.record("box"), first, "the record follows the address");
    // The image and the home have survived, and the host key is known by the instance, not by its address.
    user.shell(run).run().status(0).stdout_is("it runs\n");
    user.command("ssh-dock").args(["box", "--", "cat", "note"]).run().status(0).stdout_is("kept\n");
    assert!(!user.home().join(".ssh/known_hosts").exists());

    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert_eq!(ec2.census(), Census::default());
    user.command("ls-dock").run().status(0).stdout_is("");
}
