//! Connections that are cut at random moments, while others are a load for the machine.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use dockerutils_testbed::{Engine, Image, LinkFault, Version};

use super::broken::dock_on_disk;
use super::{Fixture, engine, messages};

/// No transfer may go on for longer than this after its cut, also on a machine under load.
const BOUND: Duration = Duration::from_secs(40);

/// The number of cuts at random moments; `DOCKERUTILS_CUTS` sets another one.
const CUTS: u64 = 8;

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_transfer_that_is_cut_at_any_moment_ends_with_the_reason() {
    let cuts = env::var("DOCKERUTILS_CUTS").map_or(CUTS, |cuts| cuts.parse().expect("a number"));
    let engine = engine();
    let each = cuts.div_ceil(4);
    // Side by side, so that they are a load for each other.
    thread::scope(|scope| {
        let lane = |lane: u64| move || cut_at_random_moments(engine, lane, each);
        (0..4).for_each(|number| drop(scope.spawn(lane(number))));
    });
}

/// Cuts transfers over several streams, and checks how long each took to end after its cut.
fn cut_at_random_moments(engine: &Engine, lane: u64, cuts: u64) {
    let version = if lane.is_multiple_of(2) { Version::V20 } else { Version::V26Containerd };
    let dock = dock_on_disk(version);
    let name = format!("random:{lane}");
    let layers = (0..6).fold(Image::new(5_500 + lane), |image, _| image.random(9_000_000));
    engine.load(&layers, &[&name]);
    let mut random = lane.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for number in 0..cuts {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = 200_000 + (random >> 33) % 53_000_000;
        let fault = if random >> 63 == 0 { LinkFault::Silent } else { LinkFault::Closed };
        let one_way = Duration::from_millis(if number % 3 == 0 { 0 } else { 15 });
        let fixture = Fixture::with_delay(&dock, one_way);
        fixture.proxy.fail_after(after, fault);
        let running = fixture.transfer(engine, &[&name, "gpu", "--full"]).spawn();
        fixture.proxy.wait_until_failed();
        let start = Instant::now();
        let outcome = running.wait();
        let duration = start.elapsed();
        println!("{version}, {fault:?} after {after} bytes: {:.1} s", duration.as_secs_f64());
        assert!(duration < BOUND, "{version}, {fault:?} after {after} bytes: {duration:?}");
        outcome.status(1);
        assert!(!messages(&outcome).is_empty(), "{}", outcome.stderr);
        assert!(!fixture.has(&name));
        fixture.proxy.repair();
        fixture.leaves_nothing_behind();
    }
}
