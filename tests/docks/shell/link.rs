//! The connection between a terminal and its dock: lost, restricted, slow or busy.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::Project;

use super::{
    Held, docked, eventually, make_known, nothing_is_left, processes, program, project_that_knows, sessions,
    shell,
};
use crate::docks::{command, file, register};

/// Starts a dock that no other test uses, with an option for its sshd.
pub(super) fn own_dock(name: &str, sshd_option: &str) -> Dock {
    Dock::builder(name, Version::V20).sshd_option(sshd_option).start().expect("a dock")
}

/// Returns the command lines of the project's master connections.
fn master(project: &Project) -> Vec<String> {
    let mut lines = processes(project);
    lines.retain(|line| line.contains(" -M "));
    lines
}

/// Returns how many logins the dock has had.
fn logins(dock: &Dock) -> usize {
    let log = fs::read_to_string(dock.root().join("var/log/sshd")).unwrap();
    log.lines().filter(|line| line.contains("Accepted publickey")).count()
}

/// A shell line that prints the version of docker's engine, or docker's error message.
pub(super) const VERSION: &str = "docker version --format '{{.Server.Version}}' 2>&1 | tail -n 1";

/// The message of `source dock` if docker's socket cannot be forwarded.
const NO_SOCKET: &str =
    "sshd there does not forward docker's socket (it is not allowed to, or no socket was found)";

/// Returns a message of docker, after checking that docs/docks.md contains it.
#[track_caller]
fn documented(words: &'static str) -> &'static str {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/docks.md")).unwrap();
    assert!(page.contains(words), "docs/docks.md does not contain {words:?}");
    words
}

#[test]
#[ignore = "needs root: dock"]
fn a_connection_survives_a_short_interruption_and_is_opened_again_after_a_long_one() {
    let dock = own_dock("cable", "");
    dock.import_busybox("busybox:latest");
    let project = docked::project(&dock, "cable", "");
    let terminal = program(&project, &dock, "bash").args(["--norc", "--noprofile", "-i"]).spawn_in_terminal();
    let version = dock.version().prefix();
    terminal.types("PS1='$ '; source dock gpu; echo \"<$DOCKER_HOST>\"\r");
    terminal.wait_for("<unix://");

    // A short interruption does no harm.
    dock.disconnect();
    terminal.types("dock-session ensure; echo \"ensured $?\"\r");
    dock.reconnect();
    terminal.wait_for("ensured 0");
    assert_eq!((master(&project).len(), logins(&dock)), (1, 1));

    // After a long interruption ssh gives up, and docker's message names the connection.
    dock.disconnect();
    eventually("ssh gives up", || master(&project).is_empty());
    terminal.types(&format!("{VERSION}; echo 'printed last'\r"));
    terminal.wait_for("printed last\r\n");
    let folder = sessions(&project).remove(0);
    let lost = documented("Cannot connect to the Docker daemon at unix://").to_owned();
    let lost = lost + &folder.join("docker.sock").to_string_lossy();
    // The terminal wraps lines.
    assert!(terminal.screen().replace("\r\n", "").contains(&lost), "{}", terminal.screen());
    terminal.types("build-image cable; echo \"built $?\"\r");
    terminal.wait_for("does not respond");
    terminal.wait_for("built 1");

    // With the cable back, one of our commands opens the connection again, and so does `source dock`.
    dock.reconnect();
    terminal.types("build-image cable; echo \"built $?\"\r");
    terminal.wait_for("built 0");
    assert_eq!(logins(&dock), 2);
    let restart = || {
        dock.stop_ssh();
        dock.exec(&["pkill", "sshd"]);
        eventually("ssh sees the end", || master(&project).is_empty());
        dock.start_ssh();
    };
    restart();
    terminal.types("run-image cable -c true; echo \"ran $?\"\r");
    terminal.wait_for("ran 0");
    assert_eq!(logins(&dock), 3);
    restart();
    terminal.types(&format!("source dock gpu && {VERSION} | sed 's/^/sourced: /'\r"));
    terminal.wait_for(&format!("sourced: {version}"));
    assert_eq!(logins(&dock), 4);

    terminal.types("castoff; echo \"<$PS1${DOCKER_HOST-none}>\"; exit\r");
    terminal.wait_for("<$ none>");
    terminal.wait();
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn plain_docker_works_again_after_a_long_interruption() {
    let dock = own_dock("sleeps", "");
    let project = project_that_knows(&dock);
    let held = Held::open(&project, &dock);
    let socket = format!("unix://{}", sessions(&project)[0].join("docker.sock").display());
    let docker = || program(&project, &dock, "docker").args(["-H", &socket, "version"]).run();
    for times in 1..=2 {
        dock.disconnect();
        eventually("ssh gives up", || docker().status != 0 && master(&project).is_empty());
        dock.reconnect();
        // No command of ours is called.
        eventually("plain docker works", || docker().status == 0);
        assert_eq!(logins(&dock), 1 + times);
    }
    drop(held);
    nothing_is_left(&project);
}

/// As the Python tool did: the variables are the user's, also if another terminal has a session on the dock.
#[test]
#[ignore = "needs root: dock"]
fn an_ssh_url_that_was_set_by_hand_is_respected() {
    let dock = dock();
    let project = project_that_knows(dock);
    let held = Held::open(&project, dock);
    let script = "ssh -S \"$XDG_RUNTIME_DIR\"/dockerutils/*/ssh -O exit dock 2>/dev/null
                  dock-session ensure; echo $?; source dock gpu; castoff; echo $DOCKER_HOST $DOCKER_IP";
    let (url, address) = (format!("ssh://ubuntu@{}", dock.address()), dock.address().to_string());
    let outcome =
        shell(&project, dock, "bash", script).env("DOCKER_HOST", &url).env("DOCKER_IP", &address).run();
    outcome.status(0).stdout_is(&format!("0\n{url} {address}\n"));
    drop(held);
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn an_engine_that_is_down_does_not_close_the_connection() {
    let dock = own_dock("down", "");
    let project = project_that_knows(&dock);
    let held = Held::open(&project, &dock);
    dock.stop_docker();
    let socket = format!("unix://{}", sessions(&project)[0].join("docker.sock").display());
    let docker = program(&project, &dock, "docker").args(["-H", &socket, "ps"]).run();
    docker.status(1).stderr_has(documented("error during connect: "));
    let script = "source dock gpu; echo \"$? ${DOCKER_HOST-none}\"";
    let outcome = shell(&project, &dock, "bash", script).run();
    outcome.stdout_is("1 none\n").stderr_has(&format!("docker does not run on {}", dock.address()));
    // The connection of another terminal is not closed.
    assert_eq!((master(&project).len(), logins(&dock)), (1, 1));
    drop(held);
    eventually("the session is closed", || sessions(&project).is_empty());
    let outcome = shell(&project, &dock, "bash", script).run();
    outcome
        .stdout_is("1 none\n")
        .stderr_has("start it there with `sudo systemctl start docker`; nothing has changed");
    nothing_is_left(&project);
    dock.start_docker();
    shell(&project, &dock, "bash", "source dock gpu; castoff").run().status(0);
}

#[test]
#[ignore = "needs root: dock"]
fn docker_goes_through_ssh_if_sshd_forwards_no_sockets() {
    let dock = own_dock("forbids", "AllowStreamLocalForwarding no");
    let project = project_that_knows(&dock);
    let (address, version) = (dock.address(), dock.version().prefix());
    let script = format!(
        "source dock gpu; echo \"$DOCKER_HOST $DOCKER_IP\"; {VERSION}; {VERSION}; source dock gpu; castoff"
    );
    for shell_name in super::shells() {
        let before = logins(&dock);
        let outcome = shell(&project, &dock, shell_name, &script).run();
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        outcome.status(0).check(lines.len() == 3, || "three lines".to_owned());
        assert_eq!(lines[0], format!("ssh://ubuntu@{address} {address}"));
        outcome
            .check(lines[1..].iter().all(|line| line.starts_with(version)), || version.to_owned())
            .stderr_has(&format!("dock: {NO_SOCKET}: docker goes through ssh, over the open connection"));
        assert_eq!(logins(&dock) - before, 1, "{}", outcome.stderr);
        nothing_is_left(&project);
        assert!(fs::symlink_metadata(file(&project, &address, "connection")).is_err());
    }
    // A lost connection is opened again as with a forwarded socket.
    let script = format!(
        "source dock gpu; ssh -S \"$XDG_RUNTIME_DIR\"/dockerutils/*/ssh -O exit dock
         dock-session ensure && {VERSION}; castoff"
    );
    let outcome = shell(&project, &dock, "bash", &script).run();
    outcome.status(0).check(outcome.stdout.starts_with(version), || version.to_owned());
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn commands_that_run_docker_open_a_lost_connection_again() {
    let dock = dock();
    let project = project_that_knows(dock);
    for command in [
        "build-image clean",
        "transfer-image --inventory",
        "transfer-image --dry-run --bundle images.tar busybox",
    ] {
        let script = format!(
            "source dock gpu && ssh -S \"$XDG_RUNTIME_DIR\"/dockerutils/*/ssh -O exit dock
             {command}; status=$?; castoff; exit $status"
        );
        shell(&project, dock, "bash", &script).run().status(0).stderr_lacks("Cannot connect");
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn without_the_include_line_a_message_explains_that_each_call_connects() {
    let dock = own_dock("forbids-too", "AllowStreamLocalForwarding no");
    let project = Project::new();
    register(&project, &dock).args(["gpu", "--no-check", "--no-ssh-config"]).run().status(0);
    let outcome = shell(&project, &dock, "bash", "source dock gpu; echo $DOCKER_HOST; castoff")
        .env("XDG_RUNTIME_DIR", project.home())
        .run();
    outcome.status(0).stdout_is(&format!("ssh://ubuntu@{}\n", dock.address()));
    let each = format!(
        "dock: {NO_SOCKET}, and ssh does not find the open connection: docker opens one for each call \
         (`register-dock {}` makes ~/.ssh/config include the docks; ",
        dock.address()
    );
    outcome.stderr_has(&each);
}

#[test]
#[ignore = "needs root: dock"]
fn the_users_own_ssh_configuration_does_not_break_the_connection() {
    let dock = dock();
    let project = Project::named("hostile-config").file("a", "1");
    make_known(dock, &project);
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let config = format!(
        "Host *\n ControlMaster auto\n ControlPath ~/.ssh/%C\n ControlPersist 10m\n ServerAliveInterval 0\n \
         RequestTTY force\n RemoteCommand false\n ForkAfterAuthentication no\n LogLevel QUIET\n \
         ExitOnForwardFailure yes\n LocalForward {} localhost:1\n PermitLocalCommand yes\n \
         LocalCommand echo local; touch {}\n",
        taken.local_addr().unwrap().port(),
        project.root().join("ran").display()
    );
    fs::OpenOptions::new()
        .append(true)
        .open(project.home().join(".ssh/config"))
        .and_then(|mut file| file.write_all(config.as_bytes()))
        .unwrap();
    let outcome = shell(&project, dock, "bash", &format!("source dock gpu; {VERSION}; castoff")).run();
    outcome.status(0).check(outcome.stdout.starts_with(dock.version().prefix()), || "no docker".to_owned());
    nothing_is_left(&project);
    let run = |name: &str, words: &[&str]| {
        let outcome = command(&project, dock, name).args(words.iter().copied()).run();
        outcome.status(0).stdout.clone()
    };
    assert!(run("ls-dock", &["--json"]).contains("\"state\": \"up\""));
    assert_eq!(run("ssh-dock", &["gpu", "--", "echo", "there"]), "there\n");
    assert_eq!(run("sync-up", &["gpu"]), "");
    assert_eq!(run("sync-status", &["gpu"]), "");
    assert_eq!(run("sync-down", &["gpu"]), "");
    let sent = dock.root().join("data/workspaces/tester/code/hostile-config/a");
    assert_eq!(fs::read_to_string(sent).ok().as_deref(), Some("1"));
    assert!(!project.root().join("ran").exists(), "the local command has run");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_is_reached_through_a_jump_host() {
    let dock = dock();
    let project = project_that_knows(dock);
    let jump = format!("ubuntu@{}", dock.address());
    // The user's own configuration has the key and the known hosts for the jump host.
    let config =
        format!("Host *\n  IdentityFile {}\n  StrictHostKeyChecking accept-new\n", dock.key().display());
    fs::OpenOptions::new()
        .append(true)
        .open(project.home().join(".ssh/config"))
        .and_then(|mut file| file.write_all(config.as_bytes()))
        .unwrap();
    let behind = ["127.0.0.1", "behind", "-J", &jump, "--no-check", "-i"];
    command(&project, dock, "register-dock").args(behind).arg(dock.key()).run().status(0);
    let outcome = shell(&project, dock, "bash", &format!("source dock behind; {VERSION}; castoff")).run();
    outcome.status(0).check(outcome.stdout.starts_with(dock.version().prefix()), || "no docker".to_owned());
    nothing_is_left(&project);
    let is_to_jump_host = |line: &String| line.contains(" -W ") && line.contains(&dock.address().to_string());
    eventually("the connection to the jump host is closed", || {
        !super::command_lines().iter().any(is_to_jump_host)
    });
}

#[test]
#[ignore = "needs root: dock"]
fn a_hundred_calls_at_a_time_share_one_connection() {
    // sshd refuses a second connection that is not logged in yet.
    let dock = own_dock("narrow", "MaxStartups 1");
    let project = project_that_knows(&dock);
    let script = "source dock gpu
                  for number in $(seq 100); do (docker ps >\"output-$number\" 2>&1 || touch \"failed-$number\") & done; wait
                  ls failed-* 2>/dev/null | wc -l; ls output-* | wc -l; cat output-* | grep -c 'CONTAINER ID'; castoff";
    let outcome = shell(&project, &dock, "bash", script).run();
    outcome.status(0).stdout_is("0\n100\n100\n");
    assert_eq!(logins(&dock), 1);
    nothing_is_left(&project);
}
