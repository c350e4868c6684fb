//! Limits of a dock: the size of its disk, and the bandwidth of its link.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dockerutils_testbed::{Dock, Version};

use super::{own_dock, text};

#[test]
#[ignore = "needs root: dock"]
fn images_are_on_the_disk_of_the_dock_which_can_be_full() {
    for version in Version::ALL {
        let small = Dock::builder("small", version).disk(64).start().expect("a dock");
        small.import_busybox("busybox:latest");
        let size = small.exec(&["df", "--block-size=1000000", "--output=size,fstype", "/var/lib/docker"]);
        let last = size.lines().last().unwrap_or_default().trim();
        assert!(last.ends_with(" ext4") && last.starts_with(['4', '5', '6']), "{version}: {size}");
        let grow = ["run", "--name=big", "busybox", "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=100"];
        let full = small.command("docker").args(grow).output().expect("nsenter");
        assert!(text(&full.stderr).contains("No space left on device"), "{version}: {full:?}");
        small.exec(&["docker", "rm", "big"]);
        small.exec(&["docker", "run", "--rm", "busybox", "true"]);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_limited_link_takes_at_least_the_expected_time() {
    let dock = own_dock("narrow");
    const BYTES: u64 = 5_000_000;
    let send = || {
        let mut cat = dock.ssh("ubuntu").arg("cat >/dev/null").stdin(Stdio::piped()).spawn().expect("ssh");
        let mut input = cat.stdin.take().expect("a pipe");
        let (start, before) = (Instant::now(), dock.received());
        input.write_all(&[0; BYTES as usize]).expect("bytes");
        drop(input);
        assert!(cat.wait().expect("ssh").success());
        (start.elapsed(), dock.received() - before)
    };
    let receive = || {
        let start = Instant::now();
        let head = dock.ssh("ubuntu").arg(format!("head -c {BYTES} /dev/zero")).output().expect("ssh");
        assert_eq!(head.stdout.len() as u64, BYTES);
        start.elapsed()
    };
    let is_limited = || dock.exec(&["tc", "qdisc", "show", "dev", "eth0"]).contains("tbf");
    dock.limit_bandwidth(20);
    assert!(is_limited());
    // The time of all but the first megabyte, which the burst of the limit lets through at once.
    let least = Duration::from_millis((BYTES - 1_000_000) * 8 / 20_000);
    let (elapsed, received) = send();
    assert!(elapsed >= least, "{elapsed:?}");
    assert!(received > BYTES, "{received}");
    assert!(receive() >= least);
    dock.unlimit_bandwidth();
    assert!(!is_limited());
}
