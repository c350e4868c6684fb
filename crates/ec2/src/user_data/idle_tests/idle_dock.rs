//! A dock on which the script of the idle timer runs, with a program that takes notes as `shutdown`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use dockerutils_dock::{Activity, IdleState};
use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::poll_until;

pub(super) const SCRIPT: &str = include_str!("../dockerutils-idle.sh");

/// A dock that one test at a time uses.
pub(super) struct IdleDock {
    pub(super) dock: &'static Dock,
    _alone: MutexGuard<'static, ()>,
}

impl IdleDock {
    /// Returns the dock, on which nothing has happened; it stops after 60 idle minutes.
    pub(super) fn new() -> Self {
        let idle = IdleDock::take();
        idle.sh("docker ps -aq | xargs -r docker rm -f >/dev/null");
        idle.begin();
        idle
    }

    /// Returns the dock with a docker that has nothing to report, which is faster.
    pub(super) fn without_docker() -> Self {
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
    pub(super) fn begin(&self) {
        self.sh("umount /proc/loadavg 2>/dev/null; mkdir -p /run/test; rm -rf /run/dockerutils /run/test/* /usr/local/bin/nvidia-smi");
        self.limits("60 never");
        self.load("0.29");
        // Events of the second in which the first run is belong to it.
        wait_for_next_second(seconds_now());
        self.tick();
        assert_eq!(self.state(), r#""idle":0,"limit":60,"stops_in":60,"active":[],"failed":[]"#);
    }

    pub(super) fn sh(&self, script: &str) -> String {
        self.dock.exec(&["sh", "-c", script])
    }

    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.dock.root().join(path)
    }

    pub(super) fn program(&self, path: &str, text: &str) {
        let file = self.file("var/local").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }

    pub(super) fn limits(&self, words: &str) {
        fs::create_dir_all(self.file("etc/dockerutils")).unwrap();
        fs::write(self.file("etc/dockerutils/idle"), format!("{words}\n")).unwrap();
    }

    /// Sets the load average of 5 minutes.
    pub(super) fn load(&self, five_minutes: &str) {
        let text = format!("9.99 {five_minutes} 9.99 1/234 5678");
        self.sh(&format!("echo '{text}' >/run/test/loadavg; mountpoint -q /proc/loadavg || mount --bind /run/test/loadavg /proc/loadavg"));
    }

    /// Runs the script, in a second after that of the last run.
    pub(super) fn tick(&self) {
        if let Ok(state) = fs::read_to_string(self.file("run/dockerutils/idle.state")) {
            let last = state.split(' ').nth(LAST_CLOCK).and_then(|clock| clock.parse().ok());
            wait_for_next_second(last.filter(|last| *last <= seconds_now()).unwrap_or_default());
        }
        self.sh("dockerutils-idle");
    }

    /// Changes a number of the state as if so many seconds had passed.
    pub(super) fn age(&self, fields: &[usize], seconds: i64) {
        let file = self.file("run/dockerutils/idle.state");
        let state = fs::read_to_string(&file).unwrap();
        let numbers = state.split_whitespace().enumerate().map(|(index, number)| {
            let number: i64 = number.parse().unwrap();
            (if fields.contains(&index) { number - seconds } else { number }).to_string()
        });
        fs::write(&file, numbers.collect::<Vec<_>>().join(" ") + "\n").unwrap();
    }

    /// Lets so many minutes pass since the first run and since the last activity, and runs the script.
    pub(super) fn tick_after(&self, minutes: i64) {
        self.age(&[STARTED, SINCE], minutes * 60);
        self.tick();
    }

    /// Returns what follows the time in the report.
    pub(super) fn state(&self) -> String {
        let report = fs::read_to_string(self.file("run/dockerutils/idle.json")).unwrap();
        let state = IdleState::parse(report.as_bytes()).unwrap_or_else(|| panic!("{report}"));
        assert!(state.is_current(SystemTime::now().into()));
        let (_, rest) = report.trim_end().split_once(",\"idle\"").unwrap();
        format!("\"idle\"{}", rest.strip_suffix('}').unwrap())
    }

    pub(super) fn was_stopped(&self) -> bool {
        let log = fs::read_to_string(self.file("run/test/shutdown")).unwrap_or_default();
        assert!(log.is_empty() || log == "-h now\n", "{log}");
        !log.is_empty()
    }

    /// Checks that the dock is not stopped after two hours, because of this activity.
    #[track_caller]
    pub(super) fn is_kept_by(&self, activity: Activity) {
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
    pub(super) fn is_not_kept(&self) {
        self.tick_after(120);
        let state = self.state();
        assert!(
            state.ends_with("\"stops_in\":0,\"active\":[],\"failed\":[]") && self.was_stopped(),
            "{state}"
        );
    }
}

/// The numbers of idle.state.
pub(super) const STARTED: usize = 0;
pub(super) const LAST: usize = 1;
pub(super) const LAST_CLOCK: usize = 2;
pub(super) const SINCE: usize = 3;

pub(super) fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A process that is ended when the test ends.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until this second is past: `docker events` lists those of whole seconds only.
pub(super) fn wait_for_next_second(second: u64) {
    poll_until(|| (seconds_now() > second).then_some(())).expect("the next second");
}
