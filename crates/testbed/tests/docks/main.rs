//! Docks are machines of their own with sshd and docker, their link can go down, and they leave nothing behind.
#![expect(clippy::disallowed_types, reason = "ssh and docker are started as users start them")]

mod faults;
mod limits;
mod registry;
mod variants;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use dockerutils_testbed::{Dock, Footprint, Version, dock};
use tempfile::TempDir;

#[test]
#[ignore = "needs root: dock"]
fn ssh_with_the_key_reaches_docker() {
    let dock = dock();
    let info = dock.ssh("ubuntu").arg("docker info --format '{{.Name}} {{.ServerVersion}}'").output();
    let info = succeeded(&info.expect("ssh"));
    assert!(info.starts_with(&format!("dock {}", dock.version().prefix())), "{info}");
}

#[test]
#[ignore = "needs root: dock"]
fn a_login_without_the_key_is_denied() {
    let dock = dock();
    for destination in [format!("ubuntu@{}", dock.address()), format!("root@{}", dock.address())] {
        let login = Command::new("ssh")
            .args([
                "-F",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentityFile=none",
                "-o",
                "IdentityAgent=none",
            ])
            .args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
            .args(["--", &destination, "true"])
            .output()
            .expect("ssh");
        assert!(text(&login.stderr).contains("Permission denied (publickey)"), "{login:?}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn docker_reaches_it_by_a_name_in_the_users_ssh_config() {
    let dock = dock();
    let home = home_with_alias(dock);
    let server = Command::new("docker")
        .env("PATH", dock.path())
        .env("HOME", home.path())
        .args([
            "-H",
            "ssh://alias-of-the-dock",
            "version",
            "--format",
            "{{.Client.Version}} {{.Server.Version}}",
        ])
        .output();
    let versions = succeeded(&server.expect("docker"));
    assert!(versions.split(' ').all(|version| version.starts_with(dock.version().prefix())), "{versions}");
    assert!(home.path().join(".ssh/known_hosts").is_file());
}

#[test]
#[ignore = "needs root: dock"]
fn files_of_the_host_and_of_a_dock_are_separate() {
    let dock = dock();
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("a file");
    let volume = format!("{}:/folder", folder.path().display());
    assert_eq!(dock.exec(&["docker", "run", "--rm", "-v", &volume, "busybox", "ls", "/folder"]), "");
    dock.exec(&["mkdir", "/data/on-dock"]);
    dock.exec(&["touch", "/data/on-dock/file"]);
    assert!(dock.root().join("data/on-dock/file").is_file());
    assert!(!PathBuf::from("/data/on-dock").exists());
    assert_eq!(
        dock.exec(&["docker", "run", "--rm", "-v", "/data/on-dock:/folder", "busybox", "ls", "/folder"]),
        "file"
    );
}

#[test]
#[ignore = "needs root: dock"]
fn a_connection_survives_a_link_that_was_down() {
    let dock = own_dock("link");
    let mut session = dock.ssh("ubuntu");
    let mut session = session.arg("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("ssh");
    let mut input = session.stdin.take().expect("a pipe");
    let mut output = BufReader::new(session.stdout.take().expect("a pipe")).lines();
    writeln!(input, "before").expect("a line");
    assert_eq!(output.next().expect("a line").expect("a line"), "before");
    assert_eq!(dock.connections(), 1);

    dock.disconnect();
    let target = SocketAddr::from((dock.address(), 22));
    assert!(TcpStream::connect_timeout(&target, Duration::from_secs(1)).is_err());

    dock.reconnect();
    writeln!(input, "after").expect("a line");
    assert_eq!(output.next().expect("a line").expect("a line"), "after");
    drop(input);
    assert!(session.wait().expect("ssh").success());
    assert_eq!(succeeded(&dock.ssh("ubuntu").arg("whoami").output().expect("ssh")), "ubuntu");
}

#[test]
#[ignore = "needs root: dock"]
fn services_can_be_stopped_and_the_host_key_changed() {
    let dock = own_dock("services");
    let ps = || dock.ssh("ubuntu").args(["docker", "ps"]).output().expect("ssh");
    dock.stop_docker();
    assert!(text(&ps().stderr).contains("Cannot connect to the Docker daemon"));
    dock.start_docker();
    succeeded(&ps());
    dock.stop_ssh();
    assert!(text(&ps().stderr).contains("Connection refused"));
    dock.start_ssh();
    succeeded(&ps());
    dock.change_host_key();
    assert!(text(&ps().stderr).contains("REMOTE HOST IDENTIFICATION HAS CHANGED"));
}

#[test]
#[ignore = "needs root: dock"]
fn sshd_options_take_effect() {
    let usual = dock();
    let strict = Dock::builder("strict", Version::V20)
        .sshd_option("AllowStreamLocalForwarding no")
        .sshd_option("MaxStartups 1");
    let strict = strict.start().expect("a dock");
    assert!(ping_through_forwarded_socket(usual).ends_with("OK"));
    assert_eq!(ping_through_forwarded_socket(&strict), "");
    let mut first = TcpStream::connect((strict.address(), 22)).expect("a connection");
    assert_eq!(read(&mut first, 4), "SSH-");
    let mut second = TcpStream::connect((strict.address(), 22)).expect("a connection");
    assert_ne!(read(&mut second, 4), "SSH-");
}

#[test]
#[ignore = "needs root: dock"]
fn proxies_lead_to_sshd_and_to_the_engine() {
    let dock = dock();
    let one_way = Duration::from_millis(25);
    let start = Instant::now();
    let ssh = dock.proxy(one_way);
    assert_eq!(read(&mut TcpStream::connect(ssh.address()).expect("a connection"), 4), "SSH-");
    // Three delays for the handshake, one for the greeting.
    assert!(start.elapsed() >= 4 * one_way);
    let engine = dock.engine_proxy(one_way);
    assert!(ping(TcpStream::connect(engine.address()).expect("a connection")).ends_with("OK"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_that_is_dropped_is_gone() {
    let dock = own_dock("dropped");
    let footprint = Footprint::of_dock(&dock);
    footprint.assert_complete();
    drop(dock);
    footprint.wait_until_gone();
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_is_gone_when_its_process_is_killed() {
    let mut hold = Command::new(env!("CARGO_BIN_EXE_hold"));
    let mut hold = hold.arg("dock").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("hold");
    let mut lines = BufReader::new(hold.stdout.take().expect("a pipe")).lines();
    let footprint: Footprint = lines.next().expect("a line").expect("text").parse().expect("a footprint");
    footprint.assert_complete();
    hold.kill().and_then(|()| hold.wait()).expect("a kill");
    footprint.wait_until_gone();
}

fn own_dock(name: &str) -> Dock {
    Dock::builder(name, Version::V20).start().expect("a dock")
}

/// Creates a home whose ssh configuration has an alias for the dock.
fn home_with_alias(dock: &Dock) -> TempDir {
    let home = tempfile::tempdir().expect("a home");
    fs::create_dir(home.path().join(".ssh")).expect("a folder");
    let config = format!(
        "Host alias-of-the-dock\nHostName {}\nUser ubuntu\nIdentityFile {}\nStrictHostKeyChecking accept-new\n",
        dock.address(),
        dock.key().display(),
    );
    fs::write(home.path().join(".ssh/config"), config).expect("a configuration");
    home
}

/// Returns the engine's response to a ping through a socket that ssh forwards; empty if there is none.
fn ping_through_forwarded_socket(dock: &Dock) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("docker.sock");
    let forward = format!("{}:/run/docker.sock", socket.display());
    let mut ssh = dock.ssh("ubuntu");
    let ssh = ssh.args(["-L", &forward, "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut ssh = ssh.stderr(Stdio::null()).spawn().expect("ssh");
    // The echo of `cat` shows that ssh is connected and has set up the forward.
    let (mut input, mut output) = (ssh.stdin.take().expect("a pipe"), ssh.stdout.take().expect("a pipe"));
    input.write_all(b"echo").expect("a word");
    assert_eq!(read(&mut output, 4), "echo");
    let response = ping(UnixStream::connect(&socket).expect("a connection"));
    drop(input);
    ssh.wait().expect("ssh");
    response
}

fn ping(mut engine: impl Read + Write) -> String {
    let mut response = String::new();
    // sshd closes a connection that it may not forward, before or after the request: then the response is empty.
    let sent = engine.write_all(b"GET /_ping HTTP/1.0\r\n\r\n");
    let _ = sent.and_then(|()| engine.read_to_string(&mut response));
    response
}

/// Reads so many bytes, or less if the stream ends.
fn read(from: &mut impl Read, count: u64) -> String {
    let mut bytes = Vec::new();
    from.take(count).read_to_end(&mut bytes).expect("bytes");
    text(&bytes)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    text(output.stdout.trim_ascii_end())
}
