//! Processes and files that a transfer must not leave behind, on this machine or on the dock.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Fixture;

/// The folders for temporary files on a dock; the last is docker's own.
const FOLDERS: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/var/lib/docker/tmp"];

/// The time after which every process must have noticed that the transfer is over.
const LIMIT: Duration = Duration::from_secs(60);

impl Fixture<'_> {
    /// Waits until nothing of a transfer is left, on this machine or on the dock.
    #[track_caller]
    pub(super) fn leaves_nothing_behind(&self) {
        let start = Instant::now();
        loop {
            let leftovers = self.leftovers();
            if leftovers.is_empty() {
                return;
            }
            assert!(start.elapsed() < LIMIT, "left behind: {leftovers:#?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn leftovers(&self) -> Vec<String> {
        let mut leftovers = files(&self.temporary());
        leftovers.extend(files(&self.runtime().join("dockerutils")));
        leftovers.extend(processes_at_home(self.project.home()));
        let processes =
            self.dock.command("pgrep").args(["-a", "-u", "ubuntu,admin"]).output().expect("nsenter");
        leftovers.extend(
            String::from_utf8_lossy(&processes.stdout).lines().map(|line| format!("on the dock: {line}")),
        );
        let find =
            self.dock.command("find").args(FOLDERS).args(["-mindepth", "1"]).output().expect("nsenter");
        let find = String::from_utf8_lossy(&find.stdout);
        // Containerd writes such a file if the machine is so busy that docker considers it dead.
        let is_ours = |file: &&str| !file.ends_with(".stacks.log");
        leftovers.extend(find.lines().filter(is_ours).map(|line| format!("on the dock: {line}")));
        leftovers
    }
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}

/// Returns the processes with this home folder: all that the command has started, directly or not.
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
