//! Interrupted transfers to engines that never had an image, and to engines on a full disk.

use dockerutils_testbed::{Dock, LinkFault, Version};

use super::broken::dock_on_disk;
use super::saved::saved;
use super::{Fixture, LAYER, engine, fails_with, large};

/// A containerd without images cannot collect its garbage, and goes on with the file of the interrupted load.
#[test]
#[ignore = "needs root: private engine and dock"]
fn a_first_transfer_that_is_cut_is_completed_by_the_next_one() {
    engine().load(&large(12), &["first:1"]);
    for fault in [LinkFault::Closed, LinkFault::Silent] {
        for percent in [10, 50, 90] {
            let dock = dock_on_disk(Version::V26Containerd);
            let fixture = Fixture::of(&dock);
            assert_eq!(dock.exec(&["docker", "image", "ls", "--quiet"]), "");
            fixture.proxy.fail_after(3 * LAYER * percent / 100, fault);
            let outcome = fixture.transfer(engine(), &["first:1", "gpu"]).run();
            fails_with(&outcome, "the connection to gpu was lost after ");
            fixture.proxy.repair();
            fixture.leaves_nothing_behind();
            let rest = fixture.send(engine(), "first:1");
            println!("{fault:?} after {percent} %: {rest} bytes were left");
            assert_eq!(saved(fixture.docker(), "first:1"), saved(engine().command(), "first:1"));
            assert_eq!(fixture.dangling(), "");
            fixture.leaves_nothing_behind();
        }
    }
}

/// From docker 23.0 on, its own reader of zstd can end the engine if a load fails before its input ends.
#[test]
#[ignore = "needs root: private engine and dock"]
fn a_packed_load_that_fails_midway_leaves_the_engine_running() {
    engine().load(&large(13), &["midway:1"]);
    for version in [Version::V26, Version::V26Containerd] {
        for (missing, compress) in [(None, "zstd"), (None, "auto"), (Some("zstd"), "auto")] {
            let builder = Dock::builder("midway", version).disk(130);
            let builder = if let Some(program) = missing { builder.without(program) } else { builder };
            let dock = builder.start().expect("a dock");
            let fixture = Fixture::of(&dock);
            let started = || dock.exec(&["docker", "info", "--format", "{{.ID}} {{.ServerVersion}}"]);
            let engine_process = || dock.exec(&["cat", "/var/run/docker.pid"]);
            let before = (started(), engine_process());
            // Slow enough that the client still sends.
            dock.limit_bandwidth(400);
            for _ in 0..3 {
                let words = ["midway:1", "gpu", "--compress", compress];
                let outcome = fixture.transfer(engine(), &words).run();
                fails_with(&outcome, "no space left on gpu for the image: ");
                assert_eq!((started(), engine_process()), before, "{version}, {missing:?}, {compress}");
                fixture.leaves_nothing_behind();
            }
        }
    }
}
