//! Long round trips, slow lines, and limits of sshd and of the host.

use std::time::Duration;

use dockerutils_testbed::{Dock, Image, Version};

use super::{Fixture, engine, fails_with, large, messages};

const ONE_WAY: Duration = Duration::from_millis(25);

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_long_round_trip_uses_several_sessions_or_as_many_as_sshd_allows() {
    let engine = engine();
    for (number, most) in [(0, "10"), (1, "4"), (2, "2"), (3, "1")] {
        let dock = Dock::builder("far", Version::V20)
            .sshd_option("LogLevel VERBOSE")
            .sshd_option(&format!("MaxSessions {most}"))
            .disk(1_000);
        let dock = dock.start().expect("a dock");
        let fixture = Fixture::with_delay(&dock, ONE_WAY);
        let name = format!("far:{number}");
        engine.load(&large(20 + number), &[&name]);
        let outcome = fixture.transfer(engine, &[&name, "gpu"]).run();
        if most == "1" {
            outcome.check(outcome.status == 0 || !messages(&outcome).is_empty(), || "no message".to_owned());
            continue;
        }
        outcome.status(0);
        assert!(fixture.has(&name), "MaxSessions {most}");
        assert_eq!(fixture.dangling(), "");
        if most != "2" {
            assert_eq!(fixture.proxy.connections(), 2, "one of them is this test's own");
        }
        let log = std::fs::read_to_string(dock.root().join("var/log/sshd")).expect("sshd's log");
        println!("MaxSessions {most}: {} commands", log.matches("Starting session").count());
        fixture.leaves_nothing_behind();
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_slow_line_carries_compressed_bytes() {
    let engine = engine();
    for (version, without) in [(Version::V20, "zstd"), (Version::V20, "nothing"), (Version::V26, "zstd")] {
        let dock = Dock::builder("narrow", version).without(without).start().expect("a dock");
        let fixture = Fixture::of(&dock);
        let image = Image::new(4_900).busybox().libraries(30_000_000);
        engine.load(&image, &["narrow:1"]);
        // Without the proxy: its buffers would accept bytes that the line does not.
        let direct = format!("ubuntu@{}", dock.address());
        let words = ["narrow:1", &direct, "-i", &dock.key().display().to_string()];
        fixture.know(&dock.address().to_string());
        dock.limit_bandwidth(50);
        let before = dock.received();
        let outcome = fixture.transfer(engine, &words).run();
        println!("{}", outcome.stderr);
        let sent = dock.received() - before;
        println!("to {version} without {without}: {sent} bytes");
        // They compress to less than half; the first blocks are sent before the line is known to be slow.
        assert!(sent < 28_000_000, "{version} without {without}: {sent}");
        assert!(fixture.has("narrow:1"));
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn compress_forces_a_codec_that_the_host_can_unpack() {
    let engine = engine();
    let dock = Dock::builder("packs", Version::V20).without("zstd").start().expect("a dock");
    let fixture = Fixture::of(&dock);
    let image = Image::new(4_901).libraries(3_000_000);
    engine.load(&image, &["packed:1"]);
    let sent = |how: &str| {
        let before = fixture.proxy.sent();
        fixture.transfer(engine, &["packed:1", "gpu", "--compress", how]).run().status(0);
        dock.exec(&["docker", "image", "rm", "packed:1"]);
        fixture.proxy.sent() - before
    };
    assert!(sent("none") > 3_000_000);
    assert!(sent("gzip") < 2_000_000);
    let outcome = fixture.transfer(engine, &["packed:1", "gpu", "--compress", "zstd"]).run();
    fails_with(&outcome, "gpu cannot unpack zstd: install `zstd` there, or leave out --compress");
    assert!(!fixture.has("packed:1"));
}
