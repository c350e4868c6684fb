//! Every fault is reported as what it is, and leaves nothing behind.
#![expect(clippy::disallowed_types, reason = "a test starts itself as a process that it kills")]

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_ssh::is_ssh_failure;
use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_transfer::remote::{Error, ExpectedImage, Finalize, SshHost, Unpacker};

use crate::docks::{
    Image, connect, connect_for, images, leftovers, processes_with, send, ssh_host, ssh_host_via,
};

/// Returns the error of connecting as this user.
fn refusal(dock: &Dock, user: &str) -> Error {
    connect_for(ssh_host(dock, user), &[]).expect_err("a refusal")
}

/// Waits until a condition holds, at most half a minute.
#[track_caller]
fn wait_until(mut condition: impl FnMut() -> bool) {
    for _ in 0..600 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the condition does not hold");
}

/// Waits until nothing is left on the dock but this number of images.
#[track_caller]
fn wait_until_nothing_is_left(dock: &Dock, images: usize) {
    wait_until(|| leftovers(dock).len() == images);
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_who_may_not_use_docker_gets_the_remedy() {
    let dock = dock();
    let guest = refusal(dock, "guest");
    assert!(matches!(guest, Error::SudoPassword { .. } | Error::PermissionDenied { .. }), "{guest:?}");
    let asker = refusal(dock, "asker");
    assert!(matches!(asker, Error::SudoPassword { .. }), "{asker:?}");
    assert!(asker.to_string().contains("usermod -aG docker"), "{asker}");
}

#[test]
#[ignore = "needs root: dock"]
fn docker_is_used_through_sudo_if_that_requires_no_password() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(&dock, "admin"));
    assert!(engine.inventory().sudo);
    for streams in [1, 3] {
        let image = Image::new(&streams.to_string(), &["a"], 3 << 20);
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        let references = vec![format!("by-sudo:{streams}")];
        let expected = ExpectedImage { id: image.config(), layers: image.diff_ids(), references };
        engine
            .finalize(Finalize { images: &[expected], bases: &[], holds: &[], obsolete: &[] }, &runner)
            .unwrap();
    }
    assert_eq!(images(&dock), ["by-sudo:1", "by-sudo:3"]);
}

#[test]
#[ignore = "needs root: dock"]
fn a_stopped_engine_and_a_refused_connection_are_different_errors() {
    let builder = Dock::builder("far", Version::V20);
    let dock = builder.start().expect("a dock");
    dock.stop_docker();
    let stopped = refusal(&dock, "ubuntu");
    assert!(matches!(stopped, Error::EngineUnreachable { .. }), "{stopped:?}");
    dock.stop_ssh();
    let refused = refusal(&dock, "ubuntu");
    let Error::Ssh { status, stderr, .. } = refused else { panic!("{refused:?}") };
    assert!(is_ssh_failure(status), "{status:?}");
    assert!(String::from_utf8_lossy(&stderr).contains("Connection refused"));
}

#[test]
#[ignore = "needs root: dock"]
fn an_abandoned_transfer_leaves_nothing() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    for streams in [1, 4] {
        let archive = Image::new("cut", &["a"], 9 << 20).archive();
        let mut engine = connect(ssh_host(&dock, "ubuntu"));
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        for block in archive[..8 << 20].chunks(1 << 20) {
            receiver.write_block(block.to_vec()).unwrap();
        }
        while receiver.sent() < 2 << 20 {
            // Only a chunk that is sent makes it count what was written.
            receiver.write_block(vec![0; 1 << 20]).unwrap();
        }
        drop(receiver);
        drop(engine);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_broken_connection_is_reported_and_leaves_nothing() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let archive = Image::new("cut", &["a"], 9 << 20).archive();
    for streams in [1, 4] {
        let proxy = dock.proxy(Duration::from_millis(1));
        let mut engine = connect(ssh_host_via(&dock, proxy.address()));
        proxy.fail_after(4 << 20, dockerutils_testbed::LinkFault::Closed);
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        let sent = send(&mut receiver, &archive).and_then(|()| receiver.finish().map(drop));
        let lost = sent.expect_err("a lost connection");
        assert!(matches!(lost, Error::Lost { sent, .. } if sent > 0), "{streams} streams: {lost:?}");
        drop(engine);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn docker_does_not_load_garbage() {
    let dock = dock();
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(dock, "ubuntu"));
    for streams in [1, 4] {
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        let sent = send(&mut receiver, &[7; 3 << 20]).and_then(|()| receiver.finish().map(drop));
        let refused = sent.expect_err("not an image");
        assert!(matches!(refused, Error::LoadFailed { .. }), "{streams} streams: {refused:?}");
    }
    drop(engine);
    wait_until_nothing_is_left(dock, 1);
}

#[test]
#[ignore = "needs root: dock"]
fn a_full_disk_is_reported() {
    let dock = Dock::builder("far", Version::V20).disk(40).start().expect("a dock");
    let runner = Runner::new(false);
    let archive = Image::new("big", &["a"], 60 << 20).archive();
    for streams in [1, 4] {
        let mut engine = connect(ssh_host(&dock, "ubuntu"));
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        let sent = send(&mut receiver, &archive).and_then(|()| receiver.finish().map(drop));
        let full = sent.expect_err("no space");
        assert!(matches!(full, Error::DiskFull { .. }), "{streams} streams: {full:?}");
        drop(engine);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn streams_that_sshd_refuses_are_not_waited_for() {
    for sessions in [2, 3] {
        let builder = Dock::builder("far", Version::V20).sshd_option(&format!("MaxSessions {sessions}"));
        let dock = builder.start().expect("a dock");
        let runner = Runner::new(false);
        let mut engine = connect(ssh_host(&dock, "ubuntu"));
        let image = Image::new("few", &["a"], 9 << 20);
        let mut receiver = engine.receive(Unpacker::Docker, 8, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert!(receiver.open_streams() < sessions, "{} of {sessions}", receiver.open_streams());
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        assert_eq!(dock.connections(), 1);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_host_without_room_for_fifos_gets_a_single_stream() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(&dock, "ubuntu"));
    dock.exec(&["chmod", "555", "/tmp"]);
    let image = Image::new("narrow", &["a"], 5 << 20);
    let mut receiver = engine.receive(Unpacker::Docker, 4, &runner).unwrap();
    send(&mut receiver, &image.archive()).unwrap();
    assert_eq!(receiver.open_streams(), 1);
    assert_eq!(receiver.finish().unwrap().images, [image.config()]);
}

#[test]
#[ignore = "needs root: dock"]
fn no_image_is_tagged_unless_all_are_verified() {
    let dock = dock();
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(dock, "ubuntu"));
    let there = engine.inventory().images.iter().find(|image| image.references == ["busybox:latest"]);
    let there = there.expect("busybox").clone();
    let references = vec!["named:1".to_owned()];
    let other = Digest::of("other");
    let right = ExpectedImage { id: there.id, layers: there.layers.clone(), references };
    let layers = ExpectedImage { layers: vec![other], ..right.clone() };
    let id = ExpectedImage { id: other, ..right.clone() };
    for (images, bases, bad) in [
        (vec![right.clone(), layers], vec![], there.id),
        (vec![right.clone(), id], vec![], other),
        (vec![right], vec![other], other),
    ] {
        let error = engine
            .finalize(
                Finalize { images: images.as_slice(), bases: bases.as_slice(), holds: &[], obsolete: &[] },
                &runner,
            )
            .expect_err("a failed verification");
        assert!(matches!(error, Error::VerificationFailed { image, .. } if image == bad), "{error:?}");
        assert!(!dock.exec(&["docker", "image", "ls"]).contains("named"));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_killed_sender_leaves_nothing() {
    // This test starts itself as the sender.
    if let Ok(words) = env::var("SSH_TO_FAR") {
        return send_half(&words);
    }
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let host = ssh_host(&dock, "ubuntu");
    let words = [host.ssh.arguments(), vec![host.destination.clone()]].concat();
    let mut sender = Command::new(env::current_exe().unwrap())
        .args(["--exact", "faults::a_killed_sender_leaves_nothing", "--include-ignored", "--nocapture"])
        .env("SSH_TO_FAR", words.join("\n"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(sender.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "half"));
    // The bytes arrive some time after the sender has written them.
    wait_until(|| dock.connections() > 0 && !leftovers(&dock).is_empty());
    sender.kill().unwrap();
    sender.wait().unwrap();
    wait_until_nothing_is_left(&dock, 0);
    wait_until(|| processes_with(&host.destination).is_empty() && dock.connections() == 0);
}

/// Sends half of an image, and then nothing more.
#[expect(clippy::disallowed_methods, reason = "the test reads from standard output when the half is written")]
fn send_half(words: &str) {
    let mut words: Vec<&str> = words.lines().collect();
    let destination = words.pop().unwrap().to_owned();
    let ssh = dockerutils_command::Command::new("ssh").args(words);
    let mut engine = connect(SshHost { name: "far".to_owned(), ssh, destination, control: None });
    let mut receiver = engine.receive(Unpacker::Docker, 4, &Runner::new(false)).unwrap();
    for _ in 0..8 {
        receiver.write_block(vec![7; 1 << 20]).unwrap();
    }
    io::stdout().write_all(b"half\n").unwrap();
    std::thread::sleep(Duration::from_secs(1000));
}
