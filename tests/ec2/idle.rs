//! The idle timer of a dock.

use dockerutils_testbed::ec2::{User, ec2};
use serde_json::Value;

use super::create;

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_stops_itself_when_nothing_runs_there_and_not_before() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box");
    let id = user.instance("box");
    let exec = |script: &str| ec2.on(&id, |dock| dock.exec(&["sh", "-c", script]));
    // This machine is busy with other tests.
    exec("echo '0.1 0.1 0.1 1/2 3' >/run/loadavg && mount --bind /run/loadavg /proc/loadavg");
    ec2.on(&id, |dock| dock.import_busybox("busybox:latest"));
    exec("docker run -d --name work busybox sleep 1000");
    ec2.tick(&id);
    // The time of the last activity, the fourth number, is two hours ago.
    let age = "read -r a b c d e </run/dockerutils/idle.state; echo $a $b $c $((b - 7200)) $e >/run/dockerutils/idle.state";
    exec(age);
    ec2.tick(&id);
    let listed = user.command("ls-dock").run();
    listed.status(0).check(listed.stdout.contains("in use (container"), || listed.stdout.clone());
    // The events of the removal belong to the next run, and not to that after it.
    exec("docker rm -f work && sleep 1");
    ec2.tick(&id);
    let docks: Value =
        serde_json::from_str(&user.command("ls-dock").arg("--json").run().stdout).expect("JSON");
    assert_eq!((&docks[0]["state"], &docks[0]["stops_in"]), (&"up".into(), &60.into()), "{docks}");
    exec(&format!("sleep 1; {age}"));
    ec2.tick(&id);
    user.wait_for_state(&id, "stopped");
    assert_eq!(user.describe(&id, "StateReason.Code"), "Client.InstanceInitiatedShutdown");
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_limits_of_a_dock_are_those_of_its_creation() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box --idle 2h --ttl 8h")
        .stderr_has("it will stop after 120 idle minutes, and after 8h in any case");
    let id = user.instance("box");
    let limits = ec2.on(&id, |dock| dock.exec(&["cat", "/etc/dockerutils/idle"]));
    assert_eq!(limits.trim(), "120 480");
    ec2.on(&id, |dock| dock.exec(&["systemctl", "is-active", "dockerutils-idle.timer"]));
    create(&user, "other --idle never").stderr_has("it will not stop when it is idle\n");
    let timers = ec2.on(&user.instance("other"), |dock| dock.exec(&["ls", "/var/lib/stand/units"]));
    assert!(!timers.contains("dockerutils-idle"), "{timers}");
    let docks: Value =
        serde_json::from_str(&user.command("ls-dock").arg("--json").run().status(0).stdout).expect("JSON");
    assert_eq!(docks[1]["stops_in"], Value::Null, "{docks}");
    assert!(docks[0]["stops_in"].is_number(), "{docks}");
}
