//! What goes wrong is told for what it is, and leaves nothing.
#![expect(clippy::disallowed_types, reason = "a test starts itself as a process that is killed")]

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_transfer::remote::{Error, Expected, Remote, Unpack};

use crate::far::{Image, connect, images, left, processes_with, remote, remote_by, send, survey};

/// Connects as this user, in vain.
fn refusal(dock: &Dock, user: &str) -> Error {
    survey(remote(dock, user), &[]).expect_err("no target")
}

/// Waits for something that takes no more than half a minute.
#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it does not come");
}

/// Waits until nothing is left but the image that the shared dock has.
#[track_caller]
fn wait_until_nothing_is_left(dock: &Dock, but: usize) {
    wait_until(|| left(dock).len() == but);
}

#[test]
#[ignore = "needs root: dock"]
fn who_may_not_use_docker_is_told_what_to_do() {
    let dock = dock();
    let guest = refusal(dock, "guest");
    assert!(matches!(guest, Error::SudoAsks { .. } | Error::NotAllowed { .. }), "{guest:?}");
    let asker = refusal(dock, "asker");
    assert!(matches!(asker, Error::SudoAsks { .. }), "{asker:?}");
    assert!(asker.to_string().contains("usermod -aG docker"), "{asker}");
}

#[test]
#[ignore = "needs root: dock"]
fn docker_by_sudo_without_a_password_is_used() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let mut target = connect(remote(&dock, "admin"));
    assert!(target.inventory().sudo);
    for lanes in [1, 3] {
        let image = Image::new(&lanes.to_string(), &["a"], 3 << 20);
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        let references = vec![format!("by-sudo:{lanes}")];
        let expected = Expected { id: image.config(), layers: image.diff_ids(), references };
        target.conclude(&[expected], &[], &[], &runner).unwrap();
    }
    assert_eq!(images(&dock), ["by-sudo:1", "by-sudo:3"]);
}

#[test]
#[ignore = "needs root: dock"]
fn no_docker_and_no_engine_are_told_apart() {
    let builder = Dock::builder("far", Version::V20);
    let dock = builder.start().expect("a dock");
    dock.stop_docker();
    let stopped = refusal(&dock, "ubuntu");
    assert!(matches!(stopped, Error::Engine { .. }), "{stopped:?}");
    dock.stop_ssh();
    let refused = refusal(&dock, "ubuntu");
    let Error::Ssh { status, stderr, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(status, Some(255));
    assert!(String::from_utf8_lossy(&stderr).contains("Connection refused"));
}

#[test]
#[ignore = "needs root: dock"]
fn what_is_cut_off_leaves_nothing() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    for lanes in [1, 4] {
        let archive = Image::new("cut", &["a"], 9 << 20).archive();
        let mut target = connect(remote(&dock, "ubuntu"));
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        for block in archive[..8 << 20].chunks(1 << 20) {
            receiver.write_block(block.to_vec()).unwrap();
        }
        while receiver.sent() < 2 << 20 {
            receiver.write_block(Vec::new()).unwrap();
        }
        drop(receiver);
        drop(target);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_connection_that_breaks_leaves_nothing_and_is_told() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let archive = Image::new("cut", &["a"], 9 << 20).archive();
    for lanes in [1, 4] {
        let way = dock.proxy(Duration::from_millis(1));
        let mut target = connect(remote_by(&dock, way.address()));
        way.fail_after(4 << 20, dockerutils_testbed::LinkFault::Closed);
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        let sent = send(&mut receiver, &archive).and_then(|()| receiver.finish().map(drop));
        let lost = sent.expect_err("a lost connection");
        assert!(matches!(lost, Error::Lost { sent, .. } if sent > 0), "{lanes} lanes: {lost:?}");
        drop(target);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn garbage_is_not_loaded_and_docker_says_so() {
    let dock = dock();
    let runner = Runner::new(false);
    let mut target = connect(remote(dock, "ubuntu"));
    for lanes in [1, 4] {
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        let sent = send(&mut receiver, &[7; 3 << 20]).and_then(|()| receiver.finish().map(drop));
        let refused = sent.expect_err("no image");
        assert!(matches!(refused, Error::NotLoaded { .. }), "{lanes} lanes: {refused:?}");
    }
    drop(target);
    wait_until_nothing_is_left(dock, 1);
}

#[test]
#[ignore = "needs root: dock"]
fn a_full_disk_is_told() {
    let dock = Dock::builder("far", Version::V20).disk(40).start().expect("a dock");
    let runner = Runner::new(false);
    let archive = Image::new("big", &["a"], 60 << 20).archive();
    for lanes in [1, 4] {
        let mut target = connect(remote(&dock, "ubuntu"));
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        let sent = send(&mut receiver, &archive).and_then(|()| receiver.finish().map(drop));
        let full = sent.expect_err("no space");
        assert!(matches!(full, Error::DiskFull { .. }), "{lanes} lanes: {full:?}");
        drop(target);
        wait_until_nothing_is_left(&dock, 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn lanes_that_sshd_refuses_are_not_waited_for() {
    for sessions in [2, 3] {
        let builder = Dock::builder("far", Version::V20).sshd_option(&format!("MaxSessions {sessions}"));
        let dock = builder.start().expect("a dock");
        let runner = Runner::new(false);
        let mut target = connect(remote(&dock, "ubuntu"));
        let image = Image::new("few", &["a"], 9 << 20);
        let mut receiver = target.receive(Unpack::ByDocker, 8, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert!(receiver.lanes() < sessions, "{} of {sessions}", receiver.lanes());
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        assert_eq!(dock.connections(), 1);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn where_there_is_no_room_for_lanes_there_is_one() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let runner = Runner::new(false);
    let mut target = connect(remote(&dock, "ubuntu"));
    dock.exec(&["chmod", "555", "/tmp"]);
    let image = Image::new("narrow", &["a"], 5 << 20);
    let mut receiver = target.receive(Unpack::ByDocker, 4, &runner).unwrap();
    send(&mut receiver, &image.archive()).unwrap();
    assert_eq!(receiver.lanes(), 1);
    assert_eq!(receiver.finish().unwrap().images, [image.config()]);
}

#[test]
#[ignore = "needs root: dock"]
fn nothing_is_named_that_is_not_proved() {
    let dock = dock();
    let runner = Runner::new(false);
    let mut target = connect(remote(dock, "ubuntu"));
    let there = target.inventory().images.iter().find(|image| image.references == ["busybox:latest"]);
    let there = there.expect("busybox").clone();
    let references = vec!["named:1".to_owned()];
    let other = Digest::of("other");
    let right = Expected { id: there.id, layers: there.layers.clone(), references };
    let layers = Expected { layers: vec![other], ..right.clone() };
    let id = Expected { id: other, ..right.clone() };
    for (images, bases, bad) in [
        (vec![right.clone(), layers], vec![], there.id),
        (vec![right.clone(), id], vec![], other),
        (vec![right], vec![other], other),
    ] {
        let error = target.conclude(&images, &bases, &[], &runner).expect_err("no proof");
        assert!(matches!(error, Error::NotProved { image, .. } if image == bad), "{error:?}");
        assert!(!dock.exec(&["docker", "image", "ls"]).contains("named"));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_killed_sender_leaves_nothing() {
    // This test starts itself as the sender.
    if let Ok(way) = env::var("WAY_TO_FAR") {
        return send_the_half(&way);
    }
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let remote = remote(&dock, "ubuntu");
    let words = [remote.ssh.arguments(), vec![remote.destination.clone()]].concat();
    let mut sender = Command::new(env::current_exe().unwrap())
        .args(["--exact", "faults::a_killed_sender_leaves_nothing", "--include-ignored", "--nocapture"])
        .env("WAY_TO_FAR", words.join("\n"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(sender.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "half"));
    // What it has handed over arrives some time after.
    wait_until(|| dock.connections() > 0 && !left(&dock).is_empty());
    sender.kill().unwrap();
    sender.wait().unwrap();
    wait_until_nothing_is_left(&dock, 0);
    wait_until(|| processes_with(&remote.destination).is_empty() && dock.connections() == 0);
}

/// Sends the half of an image, and then nothing more.
fn send_the_half(way: &str) {
    let mut words: Vec<&str> = way.lines().collect();
    let destination = words.pop().unwrap().to_owned();
    let ssh = dockerutils_command::Command::new("ssh").args(words);
    let mut target = connect(Remote { name: "far".to_owned(), ssh, destination, control: None });
    let mut receiver = target.receive(Unpack::ByDocker, 4, &Runner::new(false)).unwrap();
    for _ in 0..8 {
        receiver.write_block(vec![7; 1 << 20]).unwrap();
    }
    io::stdout().write_all(b"half\n").unwrap();
    std::thread::sleep(Duration::from_secs(1000));
}
