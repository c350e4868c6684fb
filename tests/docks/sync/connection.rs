//! The connection that sync-up and sync-down use, and their state files.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::{env, fs};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Project, poll_until};

use super::{project, read, remote, up};
use crate::docks::{command, file, messages, register, registered};

#[test]
#[ignore = "needs root: dock"]
fn sync_up_uses_the_connection_of_the_session() {
    let dock = Dock::start("sync", Version::V20).expect("a dock");
    let project = project(&dock, "docked").file("a", "1");
    let script = "source dock gpu && touch docked && until [ -e go ]; do sleep 0.05; done && sync-up";
    let commands = Path::new(env!("CARGO_BIN_EXE_sync-up")).parent().expect("a folder");
    let folders = [Path::new(env!("CARGO_MANIFEST_DIR")).join("shell"), commands.to_owned()];
    let path = env::join_paths(folders.into_iter().chain(env::split_paths(&dock.path()))).expect("a PATH");
    let bash = project
        .program("bash")
        .env("PATH", path)
        .args(["--norc", "--noprofile", "-c", script])
        .dir("docker")
        .spawn();
    let docked = project.root().join("docker/docked");
    poll_until(|| docked.exists().then_some(())).expect("a docked terminal");
    // From now on, sshd refuses new connections.
    dock.stop_ssh();
    fs::write(project.root().join("docker/go"), "").expect("a file");
    bash.wait().status(0);
    assert_eq!(read(remote(&project, &dock, "a")).as_deref(), Some("1"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_dock_is_named_or_that_of_the_terminal() {
    let project = Project::new();
    let outcome = project.command("sync-up").run();
    assert_eq!(
        messages(&outcome, "sync-up"),
        ["specify a dock (ls-dock lists them): this terminal is not docked"]
    );
    outcome.status(1);
    project.command("sync-down").arg("gpu").run().status(1).stderr_has("there is no dock `gpu`");
    let dock = dock();
    let project = self::project(dock, "current").file("a", "1");
    command(&project, dock, "sync-up").env("DOCKER_IP", dock.address().to_string()).run().status(0);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("1"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_first_connection_shows_the_fingerprint() {
    let dock = dock();
    let project = Project::named("first").file("a", "1");
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let first = up(&project, dock).run();
    let notes = messages(first.status(0), "sync-up");
    assert!(notes.len() == 2 && notes[0].contains("trusted from now on: SHA256:"), "{notes:?}");
    let again = messages(up(&project, dock).run().status(0), "sync-up");
    assert!(again.len() == 1 && again[0].starts_with("0 files, 0 B to gpu in "), "{again:?}");
}

#[test]
#[ignore = "needs root: dock"]
fn only_the_user_can_read_the_state_files() {
    use std::os::unix::fs::PermissionsExt;
    let dock = dock();
    let project = project(dock, "kept").file("a", "1");
    up(&project, dock).run().status(0);
    let folder = file(&project, &dock.address(), "sync");
    let mode = |path: &Path| fs::metadata(path).expect("kept").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("kept.json"))), (0o700, 0o600));
}

#[test]
#[ignore = "needs root: dock"]
fn unregistering_a_dock_removes_its_state_files() {
    let dock = dock();
    let project = project(dock, "forgotten").file("a", "1");
    up(&project, dock).run().status(0);
    assert!(file(&project, &dock.address(), "sync").exists());
    project.command("unregister-dock").arg("gpu").run().status(0);
    assert_eq!(registered(&project), [""; 0]);
}

/// As an sshd that hangs: the kernel accepts the connections, and no program responds.
#[test]
fn a_dock_that_is_silent_for_ever_is_given_up() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = silent.local_addr().expect("an address").port().to_string();
    let project = Project::named("given-up").file("a", "1");
    project.command("register-dock").args(["127.0.0.1", "gpu", "-p", &port, "--no-check"]).run().status(0);
    fs::write(file(&project, "127.0.0.1", "known_hosts"), "known").expect("a file");
    let commands = ["sync-up", "sync-down", "sync-status", "ssh-dock"];
    let words = |name: &str| if name == "ssh-dock" { &["gpu", "--", "true"][..] } else { &["gpu"] };
    let running = commands.map(|name| project.command(name).args(words(name).iter().copied()).spawn());
    for (name, running) in commands.into_iter().zip(running) {
        let outcome = running.wait();
        let status = if name == "ssh-dock" { 255 } else { 1 };
        let reason = if name == "ssh-dock" { "timed out" } else { "does not respond" };
        outcome.status(status).stderr_has(reason);
    }
}

/// Nobody accepts the connections, so ssh waits for the first line of the server.
#[test]
fn a_dock_that_sends_nothing_is_named_while_we_wait_for_it() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = silent.local_addr().expect("an address").port().to_string();
    let project = Project::named("silent").file("a", "1");
    project.command("register-dock").args(["127.0.0.1", "gpu", "-p", &port, "--no-check"]).run().status(0);
    fs::write(file(&project, "127.0.0.1", "known_hosts"), "known").expect("a file");
    for name in ["sync-up", "sync-down", "sync-status", "ssh-dock"] {
        let terminal = project.command(name).arg("gpu").spawn_in_terminal();
        terminal.wait_for(&format!("{name}: waiting for gpu"));
        terminal.interrupt();
        terminal.wait();
    }
    let image = format!(
        "[{{\"Id\":\"sha256:{}\",\"Os\":\"linux\",\"Architecture\":\"amd64\",\"RootFS\":{{}}}}]",
        "a".repeat(64)
    );
    let transfer = project.command("transfer-image").args(["x:1", "gpu"]).docker_prints(&image, "");
    let terminal = transfer.spawn_in_terminal();
    terminal.wait_for("transfer-image: waiting for gpu");
    terminal.interrupt();
    terminal.wait();
}
