//! What a transfer may leave nowhere: processes and files, here and on the dock.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Setting;

/// Where programs put temporary files on a dock; the last is docker's own.
const FOLDERS: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/var/lib/docker/tmp"];

/// How long a process may take to see that there is nobody left to work for.
const LIMIT: Duration = Duration::from_secs(60);

impl Setting<'_> {
    /// Nothing is left of a transfer, neither here nor there, some moments after its end.
    #[track_caller]
    pub(super) fn leaves_no_trace(&self) {
        let start = Instant::now();
        loop {
            let left = self.left();
            if left.is_empty() {
                return;
            }
            assert!(start.elapsed() < LIMIT, "left behind: {left:#?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn left(&self) -> Vec<String> {
        let mut left = files(&self.temporary());
        left.extend(processes_at_home(self.project.home()));
        let there = self.dock.command("pgrep").args(["-a", "-u", "ubuntu,admin"]).output().expect("nsenter");
        left.extend(String::from_utf8_lossy(&there.stdout).lines().map(|line| format!("there: {line}")));
        let find =
            self.dock.command("find").args(FOLDERS).args(["-mindepth", "1"]).output().expect("nsenter");
        let find = String::from_utf8_lossy(&find.stdout);
        // What containerd writes of itself when the machine is so busy that docker takes it for dead.
        let is_ours = |file: &&str| !file.ends_with(".stacks.log");
        left.extend(find.lines().filter(is_ours).map(|line| format!("there: {line}")));
        left
    }
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}

/// The processes whose home is this one: whoever the command has started, however far down.
fn processes_at_home(home: &Path) -> Vec<String> {
    let wanted = format!("HOME={}", home.display());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_it = processes.filter(|process| {
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    });
    let line = |file: std::path::PathBuf| fs::read_to_string(file).unwrap_or_default().replace('\0', " ");
    of_it.map(|process| line(process.path().join("cmdline"))).collect()
}
