//! Ways to a dock that are cut in the midst of a transfer, at a byte.

use std::io::Write;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use dockerutils_testbed::{Dock, LinkFault, Proxy, dock};

use super::{own_dock, succeeded, text};

const BYTES: usize = 3_000_000;

#[test]
#[ignore = "needs root: dock"]
fn ssh_sees_a_way_that_is_closed() {
    let dock = dock();
    let way = dock.proxy(Duration::from_millis(2));
    succeeded(&send(dock, &way, "/tmp/whole"));
    assert_eq!(dock.exec(&["stat", "-c", "%s", "/tmp/whole"]), BYTES.to_string());
    let (whole, connections) = (way.sent(), way.connections());
    assert!(whole > BYTES as u64 && connections == 1);
    for percent in [10, 50, 90] {
        let (before, part) = (way.sent(), whole * percent / 100);
        way.fail_after(part, LinkFault::Closed);
        let broken = send(dock, &way, "/tmp/part");
        assert_eq!(broken.status.code(), Some(255), "{broken:?}");
        assert_eq!(way.sent(), before + part);
        way.repair();
    }
    succeeded(&send(dock, &way, "/tmp/part"));
}

#[test]
#[ignore = "needs root: dock"]
fn ssh_hears_nothing_of_a_way_that_is_silent() {
    let dock = dock();
    let way = dock.proxy(Duration::from_millis(2));
    way.fail_after(BYTES as u64 / 2, LinkFault::Silent);
    let gave_up = send(dock, &way, "/tmp/silent");
    assert!(text(&gave_up.stderr).contains("not responding"), "{gave_up:?}");
    way.repair();
    succeeded(&send(dock, &way, "/tmp/silent"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_cable_below_a_way_can_be_pulled() {
    let dock = own_dock("pulled");
    let way = dock.proxy(Duration::from_millis(2));
    // Narrow enough that there is time to pull it.
    dock.limit_bandwidth(20);
    let gave_up = thread::scope(|scope| {
        let sending = scope.spawn(|| send(&dock, &way, "/tmp/pulled"));
        while dock.received() < BYTES as u64 / 2 && !sending.is_finished() {
            thread::sleep(Duration::from_millis(5));
        }
        dock.disconnect();
        sending.join().expect("ssh")
    });
    assert!(text(&gave_up.stderr).contains("not responding"), "{gave_up:?}");
    dock.reconnect();
    succeeded(&send(&dock, &way, "/tmp/pulled"));
}

/// Writes a file there, by this way; patience with a silent server is short.
fn send(dock: &Dock, way: &Proxy, file: &str) -> Output {
    let mut ssh = dock.ssh("ubuntu");
    let port = format!("Port={}", way.address().port());
    let alias = format!("HostKeyAlias={}", dock.address());
    for option in [&port, &alias, "HostName=127.0.0.1", "ServerAliveInterval=1", "ServerAliveCountMax=1"] {
        ssh.args(["-o", option]);
    }
    let ssh = ssh.arg(format!("cat >{file}")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut ssh = ssh.stderr(Stdio::piped()).spawn().expect("ssh");
    let mut input = ssh.stdin.take().expect("a pipe");
    // It fails when ssh ends before: that is what it says itself.
    let _ = input.write_all(&vec![b'x'; BYTES]);
    drop(input);
    ssh.wait_with_output().expect("ssh")
}
