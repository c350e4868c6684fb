//! Real docks in the states that check-dock finds, and one that is as it should be.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Invocation, Outcome, Project};
use serde_json::Value;

use super::{assert_finding, check, faults, finding, project};
use crate::docks::register;
use crate::docks::shell::login_shells::add_user;

/// Returns `check-dock gpu`, with the commands that its fixes call on PATH.
fn check_dock(project: &Project, dock: &Dock) -> Invocation {
    let commands = Path::new(env!("CARGO_BIN_EXE_check-dock")).parent().expect("a folder");
    project.command("check-dock").env("PATH", dock.path()).path_first(commands).arg("gpu")
}

/// Runs a line as a user pastes it.
fn bash(project: &Project, dock: &Dock, line: &str) -> Outcome {
    let commands = Path::new(env!("CARGO_BIN_EXE_check-dock")).parent().expect("a folder");
    project.program("bash").env("PATH", dock.path()).path_first(commands).args(["-c", line]).run()
}

fn own_dock(name: &str) -> Dock {
    Dock::start(name, Version::V20).unwrap_or_else(|reason| panic!("no dock: {reason}"))
}

fn registered(dock: &Dock, user: &str) -> Project {
    let project = project();
    register(&project, dock).args(["gpu", "-u", user, "--no-check"]).run().status(0);
    project
}

fn sh(dock: &Dock, script: &str) {
    dock.exec(&["sh", "-c", script]);
}

/// The faults of the dock, without those of this machine's docker.
fn faults_of_dock(findings: &[Value]) -> Vec<String> {
    faults(findings).into_iter().filter(|fault| !fault.starts_with("\"client.")).collect()
}

#[test]
#[ignore = "needs root: dock"]
fn a_healthy_dock_is_silent() {
    let dock = dock();
    sh(dock, "echo '{\"log-opts\": {\"max-size\": \"50m\"}}' >/etc/docker/daemon.json");
    let (outcome, findings) = check(check_dock(&registered(dock, "ubuntu"), dock));
    outcome.status(0);
    assert_eq!(faults_of_dock(&findings), Vec::<String>::new());
    for (id, evidence) in [
        ("client.socket", "the engine runs as root"),
        ("dock.ssh", "gpu is reached"),
        ("dock.shell", "runs commands"),
        ("dock.host-key", "SHA256:"),
        ("dock.latency", " ms"),
        ("dock.socket-forwarding", "is forwarded"),
        ("dock.workspace", "/data/workspaces/tester can be written to"),
        ("engine.reachable", "Docker 20.10"),
        ("engine.space", "are free at"),
    ] {
        assert_finding(&findings, id, "ok", evidence);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_who_may_not_use_docker_is_found_and_the_machine_is_checked_all_the_same() {
    let dock = dock();
    let (outcome, findings) = check(check_dock(&registered(dock, "guest"), dock));
    outcome.status(1);
    assert_finding(&findings, "engine.reachable", "problem", "guest may not use docker");
    assert_finding(&findings, "dock.group", "problem", "guest may not use docker");
    assert_finding(&findings, "dock.rsync", "ok", "rsync");
    let (_, findings) = check(check_dock(&registered(dock, "admin"), dock));
    assert_finding(&findings, "dock.group", "warning", "with sudo only");
    assert_finding(&findings, "engine.reachable", "ok", "Docker 20.10");
}

/// The user of the dock is ubuntu, and the workspaces are those of the user of this machine, tester.
#[test]
#[ignore = "needs root: dock"]
fn the_folder_of_the_workspaces_belongs_to_the_local_user_and_a_fix_makes_sync_up_work() {
    let dock = own_dock("workspaces");
    sh(&dock, "install -d -o root -m 755 /data/workspaces && install -d -o ubuntu /data/workspaces/ubuntu");
    let project = registered(&dock, "ubuntu");
    let sync = || project.command("sync-up").env("PATH", dock.path()).arg("gpu").run().status;
    for (path, configuration) in
        [("/data/workspaces/tester", ""), ("/srv/x", "[run_image]\nworkspace=/srv/x\n")]
    {
        let project = project.clone().cfg(configuration);
        assert_ne!(sync(), 0);
        let (_, findings) = check(check_dock(&project, &dock));
        assert_finding(&findings, "dock.workspace", "problem", &format!("{path} cannot be written to"));
        let (outcome, findings) = check(check_dock(&project, &dock).arg("--fix"));
        outcome.stderr_has(&format!("ssh-dock gpu -- sudo -n install -d -o ubuntu {path}"));
        assert_finding(&findings, "dock.workspace", "ok", &format!("{path} can be written to"));
        assert_eq!(sync(), 0);
    }
    // Only its owner gives it away.
    sh(&dock, "install -d -o guest /srv/theirs");
    let project = project.cfg("[run_image]\nworkspace=/srv/theirs\n");
    let (_, findings) = check(check_dock(&project, &dock).arg("--fix"));
    assert_finding(&findings, "dock.workspace", "problem", "/srv/theirs cannot be written to");
    assert_eq!(finding(&findings, "dock.workspace")["is_safe"], false);
    // The folder exists, and that of all workspaces belongs to root.
    let elsewhere = check_dock(&project.cfg(""), &dock).env("LOGNAME", "ada");
    sh(&dock, "install -d -o ubuntu /data/workspaces/ada");
    let (_, findings) = check(elsewhere);
    assert_finding(&findings, "dock.workspace", "ok", "/data/workspaces/ada can be written to");
}

#[test]
#[ignore = "needs root: dock"]
fn a_login_shell_that_runs_no_commands_is_found_with_a_fix_that_needs_no_shell() {
    let dock = dock();
    add_user(dock, "refused", 1020, "/usr/sbin/nologin");
    let (outcome, findings) = check(check_dock(&registered(dock, "refused"), dock));
    outcome.status(1);
    assert_finding(&findings, "dock.shell", "problem", "the login shell of refused runs no commands");
    let fix = format!(
        "register-dock {} gpu -u USER   # another user, or as root on the dock: chsh -s /bin/sh refused",
        dock.address()
    );
    assert_eq!(finding(&findings, "dock.shell")["fix"], fix);
    // Docker needs no shell, and nothing is known about the rest of the machine.
    assert_finding(&findings, "engine.reachable", "ok", "Docker 20.10");
    assert_finding(&findings, "engine.log-rotation", "ok", "");
    dock.exec(&["chsh", "-s", "/bin/sh", "refused"]);
    let (_, findings) = check(check_dock(&registered(dock, "refused"), dock));
    assert_finding(&findings, "dock.shell", "ok", "runs commands");
}

/// On a dock, the mounts of the project are those of its workspace; the command is given from a terminal that is not docked.
#[test]
#[ignore = "needs root: dock"]
fn files_of_root_on_a_dock_are_given_back_through_the_image() {
    let dock = own_dock("owners");
    dock.import_busybox("busybox:latest");
    let cfg = "[run_image]\nsynthetic_images=box\n[box]\nname=busybox:latest\nprefix=False\n\
        volumes=-v {project_root}/out:/w -v /srv/results:/r\n";
    let project = registered(&dock, "ubuntu").cfg(cfg);
    project.command("sync-up").env("PATH", dock.path()).arg("gpu").run().status(0);
    let workspace =
        format!("/data/workspaces/tester/code/{}", project.root().file_name().expect("a name").display());
    let root = |path: &str| sh(&dock, &format!("mkdir -p {workspace}/{path} && touch {workspace}/{path}/x"));
    root("elsewhere");
    // That of the system is not the user's.
    sh(&dock, "mkdir -p /srv/results && touch /srv/results/x");
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "project.owners", "ok", "no file");
    root("out/a");
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "project.owners", "warning", "belong to root: 3");
    let (outcome, findings) = check(check_dock(&project, &dock).arg("--fix"));
    outcome.stderr_has("ssh-dock gpu -- docker run").stderr_has("--entrypoint find");
    assert_finding(&findings, "project.owners", "ok", "no file");
    let owner = |path: &str| dock.exec(&["stat", "-c", "%u:%g", &format!("{workspace}/{path}")]);
    assert_eq!((owner("out/a/x"), owner("elsewhere/x")), ("1000:1000".to_owned(), "0:0".to_owned()));
    // Root's own files are as they should be.
    root("out/b");
    dock.exec(&["sed", "-i", "s/^PermitRootLogin.*/PermitRootLogin yes/", "/etc/ssh/sshd_config"]);
    dock.exec(&["cp", "-r", "/home/ubuntu/.ssh", "/root/.ssh"]);
    dock.exec(&["chown", "-R", "root:", "/root/.ssh"]);
    dock.stop_ssh();
    dock.start_ssh();
    register(&project, &dock).args(["gpu", "-u", "root", "--no-check"]).run().status(0);
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "dock.group", "ok", "root may use docker");
    assert_finding(&findings, "project.owners", "ok", "no file");
}

/// What a cloud's image has set comes before it in the order of the files' names. A stub replaces systemd, which a dock of the
/// testbed lacks.
#[test]
#[ignore = "needs root: dock"]
fn the_fixes_of_sshd_work_when_they_are_pasted_one_after_the_other() {
    let dock = own_dock("sshd");
    let limits = "MaxSessions 4\nMaxStartups 5:30:10\nAllowStreamLocalForwarding no\nAllowTcpForwarding no\n";
    let folder = dock.root().join("etc/ssh/sshd_config.d");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("50-cloud-init.conf"), limits).expect("a file");
    // /usr/local of a dock. sshd writes the file again when it listens.
    let stub = dock.root().join("var/local/bin/systemctl");
    let reload = "#!/bin/sh\nset -e\n[ \"$*\" = 'reload ssh' ]\npid=$(cat /run/sshd.pid)\nrm /run/sshd.pid\nkill -HUP \"$pid\"\n\
        until [ -s /run/sshd.pid ]; do sleep 0.1; done\n";
    fs::write(&stub, reload).expect("a file");
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).expect("permissions");
    sh(&dock, "systemctl reload ssh");
    let project = registered(&dock, "ubuntu");
    let ids = ["dock.max-sessions", "dock.max-startups", "dock.socket-forwarding", "dock.port-forwarding"];
    let (_, findings) = check(check_dock(&project, &dock));
    for id in ids {
        let fix =
            finding(&findings, id)["fix"].as_str().unwrap_or_else(|| panic!("no fix of {id}")).to_owned();
        bash(&project, &dock, &fix).status(0);
    }
    let (_, findings) = check(check_dock(&project, &dock));
    for id in ids {
        assert_eq!(finding(&findings, id)["severity"], "ok", "{findings:#?}");
    }
}

/// The states that do not exclude each other, on one dock.
#[test]
#[ignore = "needs root: dock"]
fn each_state_of_a_broken_dock_has_its_finding() {
    let dock = Dock::builder("broken", Version::V20)
        .sshd_option("MaxSessions 4")
        .sshd_option("MaxStartups 5:30:10")
        .sshd_option("AllowStreamLocalForwarding no")
        .sshd_option("AllowTcpForwarding no")
        .without("rsync")
        .without("zstd")
        .disk(100)
        .start()
        .unwrap_or_else(|reason| panic!("no dock: {reason}"));
    let project = registered(&dock, "ubuntu");
    sh(&dock, "mkdir -p /data/workspaces && chown root: /data/workspaces && chmod 755 /data/workspaces");
    sh(
        &dock,
        "mkdir -p /var/run /etc/apt/apt.conf.d && echo linux-image >/var/run/reboot-required.pkgs && : >/var/run/reboot-required",
    );
    sh(&dock, "echo 'APT::Periodic::Unattended-Upgrade \"1\";' >/etc/apt/apt.conf.d/20auto-upgrades");
    sh(
        &dock,
        "mkdir /tmp/dockerutils-aB3dE6 && chown ubuntu: /tmp/dockerutils-aB3dE6 && touch -d '2 hours ago' /tmp/dockerutils-aB3dE6",
    );
    sh(
        &dock,
        "for i in 1 2 3 4 5 6 7 8 9 10; do setsid -f bash -c 'exec -a \"docker system dial-stdio\" sleep 600' >/dev/null 2>&1; done",
    );
    let (outcome, findings) = check(check_dock(&project, &dock));
    outcome.status(1);
    for (id, severity, evidence) in [
        ("dock.max-sessions", "warning", "MaxSessions 4"),
        ("dock.max-startups", "warning", "MaxStartups 5:30:10"),
        ("dock.socket-forwarding", "warning", "forwards no sockets"),
        ("dock.port-forwarding", "warning", "forwards no ports"),
        ("dock.rsync", "problem", "rsync is not installed"),
        ("dock.zstd", "warning", "zstd is not installed"),
        ("dock.workspace", "problem", "/data/workspaces/tester cannot be written to"),
        ("dock.reboot", "warning", "linux-image"),
        ("dock.transfers", "warning", "/tmp/dockerutils-aB3dE6"),
        ("dock.dial-stdio", "warning", "10 processes"),
        ("engine.space", "problem", "are free at"),
        ("engine.live-restore", "warning", "unattended upgrades"),
        ("engine.log-rotation", "warning", "without a limit"),
    ] {
        assert_finding(&findings, id, severity, evidence);
    }
    let (_, findings) = check(check_dock(&project, &dock).arg("--fix"));
    assert_finding(&findings, "dock.workspace", "ok", "can be written to");
    dock.stop_docker();
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "engine.reachable", "problem", "docker does not run");
    dock.change_host_key();
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "dock.host-key", "problem", "has changed");
    dock.stop_ssh();
    let (outcome, findings) = check(check_dock(&project, &dock));
    outcome.status(1);
    assert_finding(&findings, "dock.ssh", "problem", "refuses the connection");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_that_is_far_away_has_a_high_latency() {
    let dock = dock();
    let proxy = dock.proxy(Duration::from_millis(100));
    let project = project();
    let far = ["127.0.0.1", "gpu", "-p", &proxy.address().port().to_string(), "--no-check", "-i"];
    project.command("register-dock").env("PATH", dock.path()).args(far).arg(dock.key()).run().status(0);
    let (_, findings) = check(check_dock(&project, dock));
    assert_finding(&findings, "dock.latency", "warning", "a request to its engine takes");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_without_docker_or_with_docker_as_a_snap_has_none_on_its_path() {
    let dock = Dock::builder("no-docker", Version::V20)
        .without("docker")
        .start()
        .unwrap_or_else(|reason| panic!("no dock: {reason}"));
    let project = registered(&dock, "ubuntu");
    let (outcome, findings) = check(check_dock(&project, &dock));
    outcome.status(1);
    assert_finding(&findings, "dock.docker-path", "problem", "docker is not on the PATH");
    sh(&dock, "mkdir -p /snap/bin && touch /snap/bin/docker && chmod +x /snap/bin/docker");
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "dock.docker-path", "problem", "docker is a snap");
    let fix = finding(&findings, "dock.docker-path")["fix"].as_str().expect("a fix").to_owned();
    bash(&project, &dock, &fix).status(0);
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "dock.docker-path", "ok", "find /usr/local/bin/docker");
}

#[test]
#[ignore = "needs root: dock"]
fn connections_that_are_left_open_are_found() {
    let dock = own_dock("connections");
    let project = registered(&dock, "ubuntu");
    let (_, findings) = check(check_dock(&project, &dock));
    assert_finding(&findings, "dock.connections", "ok", "processes of sshd for ubuntu");
    // One after the other, because sshd limits those that have not logged in yet.
    let mut open: Vec<Child> = (0..20)
        .map(|_| {
            let mut ssh = dock.ssh("ubuntu");
            let mut child = ssh.arg("echo in; exec sleep 600").stdout(Stdio::piped()).spawn().expect("ssh");
            let mut line = String::new();
            let stdout = child.stdout.as_mut().expect("a pipe");
            BufReader::new(stdout).read_line(&mut line).expect("a line");
            assert_eq!(line, "in\n");
            child
        })
        .collect();
    let (_, findings) = check(check_dock(&project, &dock));
    for child in &mut open {
        child.kill().expect("a process");
        child.wait().expect("an end");
    }
    assert_finding(&findings, "dock.connections", "warning", "connections were left open");
}

/// Only the record shows that a dock is on EC2.
#[test]
#[ignore = "needs root: dock"]
fn the_idle_timer_of_a_dock_on_ec2_is_checked() {
    let dock = own_dock("idle");
    let project = registered(&dock, "ubuntu");
    let record = project.home().join(format!(".docker/{}/connection_config.txt", dock.address()));
    let text = fs::read_to_string(&record).expect("a record");
    fs::write(&record, format!("{text}DOCK_INSTANCE_ID=i-0123456789abcdef0\n")).expect("a record");
    let timer = |severity: &str, evidence: &str| {
        let (_, findings) = check(check_dock(&project, &dock));
        assert_finding(&findings, "dock.idle-timer", severity, evidence);
    };
    timer("warning", "the dock has no idle timer");
    sh(
        &dock,
        "mkdir -p /etc/systemd/system /run/dockerutils && touch /etc/systemd/system/dockerutils-idle.timer",
    );
    timer("warning", "has not run yet");
    let state = |checked: &str| {
        let state =
            r#"{"version":"1","checked":CHECKED,"idle":3,"limit":60,"stops_in":57,"active":[],"failed":[]}"#;
        sh(&dock, &format!("echo '{}' >/run/dockerutils/idle.json", state.replace("CHECKED", checked)));
    };
    state("1700000000");
    timer("warning", "has not run for more than five minutes");
    state(&dock.exec(&["date", "+%s"]));
    timer("ok", "idle for 3 min");
}

#[test]
fn a_dry_run_for_a_dock_prints_the_commands_and_runs_none() {
    let project = project().executable("stubs/ssh", "#!/bin/sh\necho ssh >>\"$HOME/ran\"\n");
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    let check_dock = project.command("check-dock").path_first(&project.root().join("stubs"));
    let outcome = check_dock.args(["gpu", "--dry-run"]).run();
    outcome.status(0).stdout_is("").calls_are(&[]);
    for line in ["ssh ", "docker info --format '{{json .}}'", "check-dock --script gpu | ssh "] {
        outcome.stderr_has(line);
    }
    assert!(!project.home().join("ran").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn a_host_key_that_cannot_be_stored_is_a_problem() {
    let dock = dock();
    let project = registered(dock, "ubuntu");
    let known_hosts = project.home().join(format!(".docker/{}/known_hosts", dock.address()));
    fs::create_dir(&known_hosts).expect("no key is known yet");
    let (outcome, findings) = check(check_dock(&project, dock));
    outcome.status(1);
    assert_finding(
        &findings,
        "dock.host-key",
        "problem",
        "cannot be stored, so any machine could take its place",
    );
    fs::remove_dir(&known_hosts).expect("a folder");
    let (_, findings) = check(check_dock(&project, dock));
    assert_finding(&findings, "dock.host-key", "ok", "SHA256:");
}
