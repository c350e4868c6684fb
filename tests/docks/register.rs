//! register-dock and unregister-dock with a real dock: each fault has its own message and remedy.

use std::fs;
use std::time::Duration;

use dockerutils_testbed::{Dock, Proxy, Version, dock};
use dockerutils_testkit::{Invocation, Outcome, Project, Signal};

use super::{command, file, messages, register, registered};

/// Fails unless the command ends with status 1 and exactly this message, and registers nothing.
#[track_caller]
fn refused(project: &Project, invocation: Invocation, sentence: &str) -> Outcome {
    let outcome = invocation.run();
    outcome.status(1).stdout_is("");
    let expected = format!("{sentence} (nothing was changed; --no-check registers it all the same)");
    let mut printed = messages(&outcome, "register-dock");
    // Printed after three seconds, which a machine that does not respond takes.
    printed.retain(|line| !line.starts_with("waiting for "));
    outcome.check(printed == [expected.clone()], || format!("it does not print only {expected:?}"));
    outcome.check(registered(project).is_empty(), || format!("{:?} is left", registered(project)));
    // The file with the options is gone, so the last line has them all.
    let line = outcome.echoed().pop().unwrap_or_default();
    outcome.check(line.contains(" -o BatchMode=yes ") && !line.contains("ssh-probe"), || line.clone());
    outcome
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_is_registered_and_removed() {
    let dock = dock();
    let project = Project::new();
    let address = dock.address();
    let outcome = register(&project, dock).arg("gpu").run();
    outcome.status(0).stdout_is("");
    let known_hosts = file(&project, &address, "known_hosts");
    let (known, probe) = (known_hosts.display(), known_hosts.with_file_name("ssh-probe"));
    let probe = probe.display();
    outcome.echoes(&[
        &format!("ssh -F {probe} -- ubuntu@{address} \"docker version -f '{{{{json .}}}}'\""),
        &format!("ssh-keygen -lf {known}"),
    ]);
    let fingerprint = dock.exec(&["ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub"]);
    let fingerprint = fingerprint.split(' ').nth(1).unwrap();
    let version = dock.exec(&["docker", "version", "--format", "{{.Server.Version}}"]);
    assert_eq!(
        messages(&outcome, "register-dock"),
        [
            format!("the host key of {address}, seen first and trusted from now on: {fingerprint} (ED25519)"),
            format!("`gpu` is ubuntu@{address} with docker {version}: source dock gpu"),
            "~/.ssh/config includes your docks now, so `ssh gpu` works".to_owned(),
        ]
    );
    let again = register(&project, dock).arg("gpu2").run();
    again.status(0);
    assert_eq!(
        messages(&again, "register-dock"),
        [
            format!("`gpu2` is ubuntu@{address} with docker {version}: source dock gpu2"),
            "`gpu` is called `gpu2` now".to_owned(),
        ]
    );
    command(&project, dock, "unregister-dock").arg("gpu2").run().status(0).echoes(&[]);
    assert_eq!(registered(&project), [""; 0]);
    assert!(project.home().join(".docker").exists() && project.home().join(".ssh/config").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn each_fault_is_named_with_its_remedy() {
    let dock = dock();
    let (project, address) = (Project::new(), dock.address());
    refused(
        &project,
        register(&project, dock).args(["-u", "guest"]),
        &format!("guest may not use docker on {address}: run there `sudo usermod -aG docker guest`"),
    );
    let key = project.home().join("key");
    project.program("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).run().status(0);
    let advice = "check -u USER and -i FILE, and load a key that has a passphrase with `ssh-add`";
    refused(
        &project,
        command(&project, dock, "register-dock").arg(address.to_string()).arg("-i").arg(&key),
        &format!("{address} does not accept your keys for ubuntu: {advice}"),
    );
    refused(
        &project,
        register(&project, dock).args(["-u", "unknown-user"]),
        &format!("{address} does not accept your keys for unknown-user: {advice}"),
    );
    refused(
        &project,
        register(&project, dock).args(["-p", "23"]),
        &format!(
            "port 23 of {address} refuses the connection: start sshd there, or set the port that it listens on with -p"
        ),
    );
    refused(
        &project,
        command(&project, dock, "register-dock").arg("nowhere.invalid"),
        "the name nowhere.invalid cannot be resolved: check its spelling, and your network or VPN",
    );
    let other = address.to_string().rsplit_once('.').map(|(net, _)| format!("{net}.251")).unwrap();
    refused(
        &project,
        command(&project, dock, "register-dock").arg(&other),
        &format!(
            "{other} does not respond: check that it is switched on, and your network, VPN and its firewall"
        ),
    );
}

#[test]
#[ignore = "needs root: dock"]
fn a_host_key_that_is_kept_is_printed() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).args(["-u", "guest", "--no-check"]).run().status(0);
    let outcome = register(&project, dock).run();
    outcome.status(1).stderr_has("guest may not use docker").stderr_has("trusted from now on: SHA256:");
    assert!(file(&project, &dock.address(), "known_hosts").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_without_docker_is_refused() {
    let dock =
        Dock::builder("bare", Version::V20).sshd_option("SetEnv PATH=/nowhere").start().expect("a dock");
    let (project, address) = (Project::new(), dock.address());
    refused(
        &project,
        register(&project, &dock),
        &format!(
            "docker is not installed for ubuntu on {address}: install it there (`sudo apt-get install docker.io`), \
             on the PATH of shells that are not interactive"
        ),
    );
}

#[test]
#[ignore = "needs root: dock"]
fn a_stopped_engine_and_a_changed_host_key_are_refused() {
    let dock = Dock::builder("changes", Version::V20).start().expect("a dock");
    let (project, address) = (Project::new(), dock.address());
    dock.stop_docker();
    refused(
        &project,
        register(&project, &dock),
        &format!("docker does not run on {address}: start it there with `sudo systemctl start docker`"),
    );
    register(&project, &dock).args(["gpu", "--no-check"]).run().status(0);
    command(&project, &dock, "ssh-dock").args(["gpu", "--", "true"]).run().status(0);
    dock.change_host_key();
    let record = fs::read(file(&project, &address, "connection_config.txt")).unwrap();
    let outcome = register(&project, &dock).arg("gpu2").run();
    outcome.status(1);
    assert_eq!(
        messages(&outcome, "register-dock"),
        [format!(
            "the host key of {address} has changed: if you know why (a new machine at this address), \
             `unregister-dock {address}` and register it again; if not, the connection may be intercepted \
             (nothing was changed; --no-check registers it all the same)"
        )]
    );
    assert_eq!(fs::read(file(&project, &address, "connection_config.txt")).unwrap(), record);
    dock.start_docker();
    command(&project, &dock, "unregister-dock").arg("gpu").run().status(0);
    register(&project, &dock)
        .arg("gpu")
        .run()
        .status(0)
        .stderr_has("seen first and trusted from now on: SHA256:");
}

#[test]
#[ignore = "needs root: dock"]
fn another_port_must_have_the_same_host_key() {
    let dock = Dock::builder("ports", Version::V20).start().expect("a dock");
    let project = Project::new();
    let (way, other_way) = (dock.proxy(Duration::ZERO), dock.proxy(Duration::ZERO));
    let register = |way: &Proxy| {
        let register =
            command(&project, &dock, "register-dock").args(["127.0.0.1", "gpu", "-i"]).arg(dock.key());
        register.arg("-p").arg(way.address().port().to_string()).run()
    };
    register(&way).status(0).stderr_has("seen first and trusted from now on: SHA256:");
    let known = || fs::read_to_string(file(&project, "127.0.0.1", "known_hosts")).unwrap();
    let before = known();
    register(&other_way).status(0).stderr_lacks("seen first");
    assert_eq!(known(), before);
    dock.change_host_key();
    let unseen = dock.proxy(Duration::ZERO);
    register(&unseen).status(1).stderr_has("the host key of 127.0.0.1 has changed");
    assert_eq!(known(), before);
}

#[test]
#[ignore = "needs root: dock"]
fn an_interrupted_registration_leaves_nothing() {
    let dock = dock();
    let project = Project::new();
    let other = dock.address().to_string().rsplit_once('.').map(|(net, _)| format!("{net}.250")).unwrap();
    let running = command(&project, dock, "register-dock").arg(&other).spawn();
    running.wait_for_stderr("docker version");
    running.signal(Signal::SIGINT);
    running.wait().status(130);
    assert_eq!(registered(&project), [""; 0]);
}

#[test]
#[ignore = "needs root: dock"]
fn a_host_of_the_users_ssh_configuration_is_registered_with_what_ssh_has_for_it() {
    let dock = dock();
    let (project, address) = (Project::new(), dock.address());
    let way = dock.proxy(Duration::ZERO);
    let (port, key) = (way.address().port(), dock.key());
    let host = format!(
        "Host lab\n  HostName 127.0.0.1\n  User ubuntu\n  Port {port}\n  IdentityFile {}\n\
         Host far\n  HostName {address}\n  User ubuntu\n  ProxyJump lab\n  IdentityFile {}\n",
        key.display(),
        key.display()
    );
    fs::create_dir(project.home().join(".ssh")).unwrap();
    fs::write(project.home().join(".ssh/config"), host).unwrap();
    let outcome = command(&project, dock, "register-dock").arg("lab").run();
    outcome.status(0).stderr_has("`lab` is ubuntu@127.0.0.1 with docker ");
    let record = fs::read_to_string(file(&project, "127.0.0.1", "connection_config.txt")).unwrap();
    for line in ["DOCK_USER=ubuntu", "DOCK_MONIKER=lab", "DOCK_IP=127.0.0.1", &format!("DOCK_PORT={port}")] {
        outcome.check(record.lines().any(|found| found == line), || format!("{line} is not in {record}"));
    }
    command(&project, dock, "ssh-dock").args(["lab", "--", "id", "-un"]).run().stdout_is("ubuntu\n");
    command(&project, dock, "register-dock").args(["far", "--no-check"]).run().status(0);
    let record = fs::read_to_string(file(&project, &address, "connection_config.txt")).unwrap();
    outcome.check(record.contains("DOCK_MONIKER=far\n"), || record.clone());
    outcome.check(record.lines().any(|line| line.ends_with("JUMP=lab")), || record.clone());
}

#[test]
#[ignore = "needs root: dock"]
fn a_host_key_that_cannot_be_stored_is_never_accepted() {
    let dock = dock();
    let (project, address) = (Project::named("unstored").file("a", "1"), dock.address());
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let known_hosts = file(&project, &address, "known_hosts");
    let _ = fs::remove_file(&known_hosts);
    std::os::unix::fs::symlink("/nonexistent/known_hosts", &known_hosts).unwrap();
    let sentence = format!("the host key of {address} cannot be stored, so any machine could take its place");
    for times in 1..=2 {
        for (name, args) in [
            ("register-dock", &[&*address.to_string()][..]),
            ("ssh-dock", &["gpu", "--", "true"]),
            ("sync-up", &["gpu"]),
            ("sync-down", &["gpu"]),
            ("sync-status", &["gpu"]),
        ] {
            let outcome = command(&project, dock, name).args(args.iter().copied()).run();
            outcome.status(1).stderr_has(&sentence).stderr_lacks("trusted from now on");
            outcome.check(known_hosts.is_symlink(), || format!("{name} has replaced the link, time {times}"));
        }
        let listed = command(&project, dock, "ls-dock").arg("--json").run();
        listed.check(listed.stdout.contains("\"host key not stored\""), || "not named".to_owned());
    }
}
