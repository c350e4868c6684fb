//! The rules of the idle timer, one by one, on a dock: the script runs as root there, and a program that takes notes is
//! `shutdown`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use dockerutils_dock::{Activity, IdleState};
use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::poll_until;

const SCRIPT: &str = include_str!("dockerutils-idle.sh");

/// A dock that one test at a time uses.
struct IdleDock {
    dock: &'static Dock,
    _alone: MutexGuard<'static, ()>,
}

impl IdleDock {
    /// Returns the dock, on which nothing has happened; it stops after 60 idle minutes.
    fn new() -> Self {
        let idle = IdleDock::take();
        idle.sh("docker ps -aq | xargs -r docker rm -f >/dev/null");
        idle.begin();
        idle
    }

    /// Returns the dock with a docker that has nothing to report, which is faster.
    fn without_docker() -> Self {
        let idle = IdleDock::take();
        idle.program("bin/docker", "#!/bin/sh\n");
        idle.begin();
        idle
    }

    fn take() -> Self {
        static DOCK: OnceLock<Dock> = OnceLock::new();
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let dock = DOCK.get_or_init(|| {
            let dock = Dock::start("idle", Version::V20).unwrap_or_else(|reason| panic!("no dock: {reason}"));
            dock.import_busybox("busybox:latest");
            dock
        });
        let idle = IdleDock { dock, _alone: alone };
        idle.sh("umount /proc/loadavg 2>/dev/null; rm -rf /usr/local/bin/*");
        idle.program("sbin/dockerutils-idle", SCRIPT);
        idle.program("bin/shutdown", "#!/bin/sh\necho \"$*\" >>/run/test/shutdown\n");
        idle.program("bin/wall", "#!/bin/sh\ncat >>/run/test/wall\n");
        idle
    }

    /// Runs the script for the first time after a restart.
    fn begin(&self) {
        self.sh("umount /proc/loadavg 2>/dev/null; mkdir -p /run/test; rm -rf /run/dockerutils /run/test/* /usr/local/bin/nvidia-smi");
        self.limits("60 never");
        self.load("0.29");
        // Events of the second in which the first run is belong to it.
        self.wait_for_next_second(seconds_now());
        self.tick();
        assert_eq!(self.state(), r#""idle":0,"limit":60,"stops_in":60,"active":[],"failed":[]"#);
    }

    fn sh(&self, script: &str) -> String {
        self.dock.exec(&["sh", "-c", script])
    }

    fn file(&self, path: &str) -> PathBuf {
        self.dock.root().join(path)
    }

    fn program(&self, path: &str, text: &str) {
        let file = self.file("var/local").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }

    fn limits(&self, words: &str) {
        fs::create_dir_all(self.file("etc/dockerutils")).unwrap();
        fs::write(self.file("etc/dockerutils/idle"), format!("{words}\n")).unwrap();
    }

    /// Sets the load average of 5 minutes.
    fn load(&self, five_minutes: &str) {
        let text = format!("9.99 {five_minutes} 9.99 1/234 5678");
        self.sh(&format!("echo '{text}' >/run/test/loadavg; mountpoint -q /proc/loadavg || mount --bind /run/test/loadavg /proc/loadavg"));
    }

    /// Runs the script, in a second after that of the last run.
    fn tick(&self) {
        if let Ok(state) = fs::read_to_string(self.file("run/dockerutils/idle.state")) {
            let last = state.split(' ').nth(LAST_CLOCK).and_then(|clock| clock.parse().ok());
            self.wait_for_next_second(last.filter(|last| *last <= seconds_now()).unwrap_or_default());
        }
        self.sh("dockerutils-idle");
    }

    fn wait_for_next_second(&self, second: u64) {
        poll_until(|| (seconds_now() > second).then_some(())).expect("the next second");
    }

    /// Changes a number of the state as if so many seconds had passed.
    fn age(&self, fields: &[usize], seconds: i64) {
        let file = self.file("run/dockerutils/idle.state");
        let state = fs::read_to_string(&file).unwrap();
        let numbers = state.split_whitespace().enumerate().map(|(index, number)| {
            let number: i64 = number.parse().unwrap();
            (if fields.contains(&index) { number - seconds } else { number }).to_string()
        });
        fs::write(&file, numbers.collect::<Vec<_>>().join(" ") + "\n").unwrap();
    }

    /// Lets so many minutes pass since the first run and since the last activity, and runs the script.
    fn tick_after(&self, minutes: i64) {
        self.age(&[STARTED, SINCE], minutes * 60);
        self.tick();
    }

    /// Returns what follows the time in the report.
    fn state(&self) -> String {
        let report = fs::read_to_string(self.file("run/dockerutils/idle.json")).unwrap();
        let state = IdleState::parse(report.as_bytes()).unwrap_or_else(|| panic!("{report}"));
        assert!(state.is_current(SystemTime::now().into()));
        let (_, rest) = report.trim_end().split_once(",\"idle\"").unwrap();
        format!("\"idle\"{}", rest.strip_suffix('}').unwrap())
    }

    fn was_stopped(&self) -> bool {
        let log = fs::read_to_string(self.file("run/test/shutdown")).unwrap_or_default();
        assert!(log.is_empty() || log == "-h now\n", "{log}");
        !log.is_empty()
    }

    /// Checks that the dock is not stopped after two hours, because of this activity.
    #[track_caller]
    fn is_kept_by(&self, activity: Activity) {
        self.tick_after(120);
        let state = self.state();
        let (_, active) = state.split_once("\"active\":").unwrap();
        assert!(active.contains(&format!("\"{}\"", activity.name())), "{state}");
        assert!(
            state.starts_with("\"idle\":0,\"limit\":60,\"stops_in\":60,") && !self.was_stopped(),
            "{state}"
        );
    }

    /// Checks that nothing keeps the dock.
    #[track_caller]
    fn is_not_kept(&self) {
        self.tick_after(120);
        let state = self.state();
        assert!(
            state.ends_with("\"stops_in\":0,\"active\":[],\"failed\":[]") && self.was_stopped(),
            "{state}"
        );
    }
}

/// The numbers of idle.state.
const STARTED: usize = 0;
const LAST: usize = 1;
const LAST_CLOCK: usize = 2;
const SINCE: usize = 3;

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A process that is ended when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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
        // One that cannot tell, and a driver that is broken.
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
    idle.wait_for_next_second(seconds_now());
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
    let load = in_background("mkfifo /run/test/fifo && exec docker load </run/test/fifo");
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
    dock.import_busybox("busybox:latest");
    let sh = |script: &str| dock.exec(&["sh", "-c", script]);
    let probe = |call: &str| {
        let (functions, _) = SCRIPT.split_once("\nlimit=never").unwrap();
        fs::write(dock.root().join("run/probes"), functions).unwrap();
        sh(&format!(". /run/probes; clock=$(date +%s) last_clock=$((clock - 60)); {call}; echo $?"))
    };
    sh("docker run -d --label dockerutils.idle=ignore busybox sleep 1000");
    assert_eq!(probe("probe_container"), "1");
    assert_eq!(probe("probe_docker"), "0");
    sh("docker run -d busybox sleep 1000");
    assert_eq!(probe("probe_container"), "0");
}
