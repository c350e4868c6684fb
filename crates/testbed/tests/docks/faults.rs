//! Proxies to a dock that fail within a transfer, at a given byte.

use std::io::Write;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use dockerutils_testbed::{Dock, LinkFault, Proxy, dock};

use super::{own_dock, succeeded, text};

const BYTES: usize = 3_000_000;

#[test]
#[ignore = "needs root: dock"]
fn ssh_fails_if_the_proxy_closes() {
    let dock = dock();
    let proxy = dock.proxy(Duration::from_millis(2));
    succeeded(&send(dock, &proxy, "/tmp/whole"));
    assert_eq!(dock.exec(&["stat", "-c", "%s", "/tmp/whole"]), BYTES.to_string());
    let (whole, connections) = (proxy.sent(), proxy.connections());
    assert!(whole > BYTES as u64 && connections == 1);
    for percent in [10, 50, 90] {
        let (before, part) = (proxy.sent(), whole * percent / 100);
        proxy.fail_after(part, LinkFault::Closed);
        let broken = send(dock, &proxy, "/tmp/part");
        assert_eq!(broken.status.code(), Some(255), "{broken:?}");
        assert_eq!(proxy.sent(), before + part);
        proxy.repair();
    }
    succeeded(&send(dock, &proxy, "/tmp/part"));
}

#[test]
#[ignore = "needs root: dock"]
fn ssh_times_out_if_the_proxy_is_silent() {
    let dock = dock();
    let proxy = dock.proxy(Duration::from_millis(2));
    proxy.fail_after(BYTES as u64 / 2, LinkFault::Silent);
    let gave_up = send(dock, &proxy, "/tmp/silent");
    assert!(text(&gave_up.stderr).contains("not responding"), "{gave_up:?}");
    proxy.repair();
    succeeded(&send(dock, &proxy, "/tmp/silent"));
}

#[test]
#[ignore = "needs root: dock"]
fn ssh_times_out_if_the_link_goes_down() {
    let dock = own_dock("pulled");
    let proxy = dock.proxy(Duration::from_millis(2));
    // Slow enough that the link goes down before all has been sent.
    dock.limit_bandwidth(20);
    let gave_up = thread::scope(|scope| {
        let sending = scope.spawn(|| send(&dock, &proxy, "/tmp/pulled"));
        while dock.received() < BYTES as u64 / 2 && !sending.is_finished() {
            thread::sleep(Duration::from_millis(5));
        }
        dock.disconnect();
        sending.join().expect("ssh")
    });
    assert!(text(&gave_up.stderr).contains("not responding"), "{gave_up:?}");
    dock.reconnect();
    succeeded(&send(&dock, &proxy, "/tmp/pulled"));
}

/// Writes a file on the dock through the proxy. ssh gives up after one second without a response.
fn send(dock: &Dock, proxy: &Proxy, file: &str) -> Output {
    let mut ssh = dock.ssh("ubuntu");
    let port = format!("Port={}", proxy.address().port());
    let alias = format!("HostKeyAlias={}", dock.address());
    for option in [&port, &alias, "HostName=127.0.0.1", "ServerAliveInterval=1", "ServerAliveCountMax=1"] {
        ssh.args(["-o", option]);
    }
    let ssh = ssh.arg(format!("cat >{file}")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut ssh = ssh.stderr(Stdio::piped()).spawn().expect("ssh");
    let mut input = ssh.stdin.take().expect("a pipe");
    // Writing fails if ssh exits early, which the caller sees from its status.
    let _ = input.write_all(&vec![b'x'; BYTES]);
    drop(input);
    ssh.wait_with_output().expect("ssh")
}
