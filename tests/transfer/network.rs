//! Long and narrow ways, and what sshd and the machine there allow.

use std::time::Duration;

use dockerutils_testbed::{Dock, Image, Version};

use super::{Setting, engine, fails_saying, large, said};

const ONE_WAY: Duration = Duration::from_millis(25);

#[test]
#[ignore = "needs root: private engine and dock"]
fn over_a_long_way_it_goes_through_several_sessions_or_fewer_where_sshd_refuses() {
    let engine = engine();
    for (number, most) in [(0, "10"), (1, "4"), (2, "2"), (3, "1")] {
        let dock = Dock::builder("far", Version::V20)
            .sshd_option("LogLevel VERBOSE")
            .sshd_option(&format!("MaxSessions {most}"))
            .disk(1_000);
        let dock = dock.start().expect("a dock");
        let setting = Setting::far(&dock, ONE_WAY);
        let name = format!("far:{number}");
        engine.load(&large(20 + number), &[&name]);
        let outcome = setting.transfer(engine, &[&name, "gpu"]).run();
        if most == "1" {
            outcome.check(outcome.status == 0 || !said(&outcome).is_empty(), || "it says nothing".to_owned());
            continue;
        }
        outcome.status(0);
        assert!(setting.has(&name), "MaxSessions {most}");
        assert_eq!(setting.dangling(), "");
        if most != "2" {
            assert_eq!(setting.way.connections(), 2, "one of them is of this test");
        }
        let log = std::fs::read_to_string(dock.root().join("var/log/sshd")).expect("sshd's log");
        println!("MaxSessions {most}: {} commands", log.matches("Starting session").count());
        setting.leaves_no_trace();
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_narrow_line_is_sent_compressed_bytes() {
    let engine = engine();
    for (version, without) in [(Version::V20, "zstd"), (Version::V20, "nothing"), (Version::V26, "zstd")] {
        let dock = Dock::builder("narrow", version).without(without).start().expect("a dock");
        let setting = Setting::of(&dock);
        let image = Image::new(4_900).busybox().libraries(30_000_000);
        engine.load(&image, &["narrow:1"]);
        // The cable itself: a way in between would take in what the cable does not.
        let direct = format!("ubuntu@{}", dock.address());
        let words = ["narrow:1", &direct, "-i", &dock.key().display().to_string()];
        setting.know(&dock.address().to_string());
        dock.limit_bandwidth(50);
        let before = dock.received();
        let o = setting.transfer(engine, &words).run();
        println!("{}", o.stderr);
        let sent = dock.received() - before;
        println!("to {version} without {without}: {sent} bytes");
        // They shrink to less than the half; what is sent before the line is known to be narrow need not.
        assert!(sent < 28_000_000, "{version} without {without}: {sent}");
        assert!(setting.has("narrow:1"));
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn compression_may_be_said() {
    let engine = engine();
    let dock = Dock::builder("packs", Version::V20).without("zstd").start().expect("a dock");
    let setting = Setting::of(&dock);
    let image = Image::new(4_901).libraries(3_000_000);
    engine.load(&image, &["packed:1"]);
    let sent = |how: &str| {
        let before = setting.way.sent();
        setting.transfer(engine, &["packed:1", "gpu", "--compress", how]).run().status(0);
        dock.exec(&["docker", "image", "rm", "packed:1"]);
        setting.way.sent() - before
    };
    assert!(sent("none") > 3_000_000);
    assert!(sent("gzip") < 2_000_000);
    let outcome = setting.transfer(engine, &["packed:1", "gpu", "--compress", "zstd"]).run();
    fails_saying(&outcome, "gpu cannot unpack zstd: install `zstd` there, or leave out --compress");
    assert!(!setting.has("packed:1"));
}
