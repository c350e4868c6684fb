//! The rules of the idle timer, one by one, on a dock: the script runs as root there.

mod idle_dock;

use std::fs;
use std::process::Stdio;

use dockerutils_dock::Activity;
use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::poll_until;

use idle_dock::{IdleDock, LAST, LAST_CLOCK, Running, SCRIPT, seconds_now, wait_for_next_second};

#[test]
#[ignore = "needs root: dock"]
fn a_dock_that_nothing_uses_stops_after_its_limit() {
    let idle = IdleDock::without_docker();
    idle.tick_after(59);
    assert!(!idle.was_stopped());
    assert_eq!(idle.state(), r#""idle":59,"limit":60,"stops_in":1,"active":[],"failed":[]"#);
    idle.tick_after(1);
    assert!(idle.was_stopped());
}

#[test]
#[ignore = "needs root: dock"]
fn a_container_keeps_the_dock_unless_its_label_says_otherwise() {
    let idle = IdleDock::new();
    idle.sh("docker run -d --label dockerutils.idle=ignore busybox sleep 1000");
    idle.is_not_kept();
    idle.begin();
    idle.sh("docker run -d --label dockerutils.idle=ignored busybox sleep 1000");
    idle.is_kept_by(Activity::Container);
}

#[test]
#[ignore = "needs root: dock"]
fn a_terminal_keeps_the_dock_for_the_limit_after_the_last_key() {
    let idle = IdleDock::without_docker();
    let mut ssh = idle.dock.ssh("ubuntu");
    let _terminal = Running(ssh.arg("-tt").arg("exec sleep 1000").stdin(Stdio::piped()).spawn().unwrap());
    poll_until(|| (idle.sh("ls /dev/pts") != "ptmx").then_some(())).expect("a terminal");
    let touch = |minutes: u32| idle.sh(&format!("touch -a -d '-{minutes} minutes' /dev/pts/[0-9]*"));
    touch(59);
    idle.tick_after(120);
    assert_eq!(idle.state(), r#""idle":59,"limit":60,"stops_in":1,"active":["terminal"],"failed":[]"#);
    assert!(!idle.was_stopped());
    touch(61);
    idle.is_not_kept();
}

#[test]
#[ignore = "needs root: dock"]
fn a_connection_alone_does_not_keep_the_dock() {
    let idle = IdleDock::new();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let forward = format!("{}:/var/run/docker.sock", socket.display());
    let mut ssh = idle.dock.ssh("ubuntu");
    let _docked = Running(ssh.args(["-N", "-L", &forward]).spawn().unwrap());
    poll_until(|| socket.exists().then_some(())).expect("a forwarded socket");
    idle.is_not_kept();
}

#[test]
#[ignore = "needs root: dock"]
fn a_gpu_keeps_the_dock_if_it_is_used_by_more_than_five_percent() {
    let idle = IdleDock::without_docker();
    for (percentages, expected) in [
        ("3\\n97\\n", r#""active":["gpu"],"failed":[]"#),
        ("6\\n", r#""active":["gpu"],"failed":[]"#),
        ("0\\n5\\n", r#""active":[],"failed":[]"#),
        // A GPU that does not report its load, and a broken driver.
        ("0\\n[N/A]\\n", r#""active":[],"failed":["gpu"]"#),
        ("", r#""active":[],"failed":["gpu"]"#),
    ] {
        idle.begin();
        idle.program("bin/nvidia-smi", &format!("#!/bin/sh\nprintf '{percentages}'\n"));
        idle.tick_after(120);
        let state = idle.state();
        assert!(state.ends_with(expected), "{percentages}: {state}");
        assert_eq!(idle.was_stopped(), expected == r#""active":[],"failed":[]"#);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_load_of_three_tenths_keeps_the_dock() {
    let idle = IdleDock::without_docker();
    for (load, keeps) in [("0.00", false), ("0.29", false), ("0.30", true), ("1.00", true), ("12.05", true)] {
        idle.begin();
        idle.load(load);
        if keeps { idle.is_kept_by(Activity::Load) } else { idle.is_not_kept() }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn what_docker_has_done_since_the_last_run_keeps_the_dock() {
    let idle = IdleDock::new();
    idle.sh("docker tag busybox another");
    idle.is_kept_by(Activity::Docker);
    idle.sh("docker run --rm busybox true");
    idle.is_kept_by(Activity::Docker);
    // Not what it has done before, and not a container that is ignored.
    wait_for_next_second(seconds_now());
    idle.tick();
    idle.sh("docker run --rm --label dockerutils.idle=ignore busybox true");
    idle.is_not_kept();
}

#[test]
#[ignore = "needs root: dock"]
fn files_and_images_on_their_way_keep_the_dock() {
    let idle = IdleDock::new();
    let in_background = |command: &str| idle.sh(&format!("({command}) </dev/null >/dev/null 2>&1 & echo $!"));
    let rsync = in_background("cp /bin/sleep /run/test/rsync && exec /run/test/rsync 1000");
    poll_until(|| (!idle.sh("pgrep -x rsync || true").is_empty()).then_some(())).expect("rsync");
    idle.is_kept_by(Activity::Sync);
    idle.sh(&format!("kill {rsync}"));
    idle.sh("mkfifo /run/test/fifo");
    let load = in_background("exec docker load </run/test/fifo");
    let writer = in_background("exec sleep 1000 >/run/test/fifo");
    poll_until(|| (!idle.sh("pgrep -f '^docker load' || true").is_empty()).then_some(())).expect("docker");
    idle.is_kept_by(Activity::Sync);
    idle.sh(&format!("kill {load} {writer}"));
    poll_until(|| idle.sh("pgrep -f '^docker load' || true").is_empty().then_some(())).expect("an end");
    idle.is_not_kept();
}

#[test]
#[ignore = "needs root: dock"]
fn a_hold_keeps_the_dock_until_its_time_is_past() {
    let idle = IdleDock::without_docker();
    idle.sh("touch -d '+3 hours' /run/dockerutils/hold");
    idle.is_kept_by(Activity::Hold);
    idle.sh("touch -d '-1 minute' /run/dockerutils/hold");
    idle.is_not_kept();
}

#[test]
#[ignore = "needs root: dock"]
fn a_probe_that_fails_or_hangs_keeps_the_dock_and_is_named() {
    for docker in ["echo no such flag >&2; exit 1", "exec sleep 1000"] {
        let idle = IdleDock::new();
        idle.program("bin/docker", &format!("#!/bin/sh\n{docker}\n"));
        idle.tick_after(120);
        assert!(!idle.was_stopped());
        let expected = r#""idle":0,"limit":60,"stops_in":60,"active":[],"failed":["container","docker"]"#;
        assert_eq!(idle.state(), expected);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn the_time_to_live_counts_whatever_is_active() {
    let idle = IdleDock::without_docker();
    for limits in ["60 120", "never 120"] {
        idle.begin();
        idle.limits(limits);
        idle.load("5.00");
        idle.tick_after(110);
        assert!(idle.state().contains("\"stops_in\":10,") && !idle.was_stopped(), "{}", idle.state());
        idle.tick_after(9);
        assert!(!idle.was_stopped());
        idle.tick_after(1);
        assert!(idle.was_stopped());
        let message = fs::read_to_string(idle.file("run/test/wall")).unwrap();
        assert_eq!(message, "This dock stops in 10 minutes, because its time is over.\n");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_without_limits_never_stops() {
    let idle = IdleDock::without_docker();
    for limits in ["never never", "", "60; shutdown", "-1 0x1", "99999999999999999999 never"] {
        idle.begin();
        idle.limits(limits);
        idle.tick_after(100_000);
        assert!(
            idle.state().contains("\"limit\":null,\"stops_in\":null,") && !idle.was_stopped(),
            "{}",
            idle.state()
        );
    }
}

#[test]
#[ignore = "needs root: dock"]
fn users_are_warned_once_ten_minutes_before() {
    let idle = IdleDock::without_docker();
    let messages = || fs::read_to_string(idle.file("run/test/wall")).unwrap_or_default();
    idle.tick_after(49);
    assert_eq!(messages(), "");
    idle.tick_after(1);
    assert_eq!(messages(), "This dock stops in 10 minutes, because it is idle.\n");
    idle.tick_after(1);
    assert_eq!(messages().lines().count(), 1);
    // After activity they are warned again.
    idle.load("0.50");
    idle.tick();
    idle.load("0.00");
    idle.tick_after(55);
    assert_eq!(messages().lines().last(), Some("This dock stops in 5 minutes, because it is idle."));
    assert!(!idle.was_stopped());
}

#[test]
#[ignore = "needs root: dock"]
fn after_a_suspend_or_when_the_clock_was_set_the_count_starts_anew() {
    let idle = IdleDock::without_docker();
    for fields in [&[LAST, LAST_CLOCK][..], &[LAST], &[LAST_CLOCK]] {
        for (seconds, stops) in [(601, false), (-601, fields.len() == 2), (500, true)] {
            idle.begin();
            idle.age(fields, seconds);
            idle.tick_after(120);
            assert_eq!(idle.was_stopped(), stops, "{fields:?} {seconds}");
        }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_state_that_is_broken_or_gone_starts_the_count_anew() {
    let idle = IdleDock::without_docker();
    for state in [
        "",
        "1 2 3",
        "a b c d e",
        "1 2 3 4 $(touch /run/test/shutdown)",
        "- - - - -",
        "1 1 1 1 99999999999999999999",
    ] {
        idle.begin();
        fs::write(idle.file("run/dockerutils/idle.state"), state).unwrap();
        idle.tick();
        assert!(idle.state().starts_with("\"idle\":0,") && !idle.was_stopped(), "{state}");
        idle.tick_after(60);
        assert!(idle.was_stopped(), "{state}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn the_rules_hold_for_a_newer_docker() {
    let dock = Dock::start("idle26", Version::V26).unwrap_or_else(|reason| panic!("no dock: {reason}"));
    let sh = |script: &str| dock.exec(&["sh", "-c", script]);
    let before_import = seconds_now();
    dock.import_busybox("busybox:latest");
    // So that the import is an event of a whole second, which `probe_docker` finds.
    wait_for_next_second(seconds_now());
    let probe = |call: &str| {
        let (functions, _) = SCRIPT.split_once("\nlimit=never").unwrap();
        fs::write(dock.root().join("run/probes"), functions).unwrap();
        sh(&format!(". /run/probes; clock=$(date +%s) last_clock={before_import}; {call}; echo $?"))
    };
    sh("docker run -d --label dockerutils.idle=ignore busybox sleep 1000");
    assert_eq!(probe("probe_container"), "1");
    assert_eq!(probe("probe_docker"), "0");
    sh("docker run -d busybox sleep 1000");
    assert_eq!(probe("probe_container"), "0");
}
