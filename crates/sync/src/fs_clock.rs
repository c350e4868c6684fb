//! The clock of the project's file system, read from the timestamp that it gives to a new file.
//!
//! The machine's own clock does not do: a file server has another one, and the kernel stamps files with the time of its
//! last tick, some milliseconds old. A file that changes after a reading has the time of the reading or a later one.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::stat::{FileStat, fstat};

use crate::Error;

/// Seconds since 1970, and the nanoseconds of that second.
pub(crate) type Timestamp = (i64, i64);

/// How long to wait for the next tick. A tick of Linux takes at most 10 ms; a file system that stores whole seconds takes
/// longer, and then the wait is given up.
const TICK_TIMEOUT: Duration = Duration::from_millis(20);

/// The clock of one file system.
#[derive(Debug)]
pub(crate) struct FsClock {
    folder: PathBuf,
}

impl FsClock {
    /// Creates the clock of the file system of `root`. `state_folder` is used for the readings if it is on the same one.
    pub(crate) fn new(root: &Path, state_folder: &Path) -> Self {
        let device = |folder: &Path| folder.metadata().map(|found| found.dev()).ok();
        let state_clock = FsClock { folder: state_folder.to_owned() };
        if device(root) == device(state_folder) {
            return state_clock;
        }
        let clock = FsClock { folder: root.to_owned() };
        // A read-only project needs a substitute: the kernel stamps the files of all local file systems from one clock.
        if clock.now().is_ok() { clock } else { state_clock }
    }

    /// Returns the timestamp that a file changed now would get.
    pub(crate) fn now(&self) -> Result<Timestamp, Error> {
        // An unnamed file (O_TMPFILE): neither rsync nor a file watcher in the project sees it.
        let file = tempfile::tempfile_in(&self.folder);
        let stat = file.and_then(|file| Ok(fstat(file)?)).map_err(Error::io("write", &self.folder))?;
        Ok(modified_at(&stat))
    }

    /// Waits for the tick after `time` and returns the new time, or the old one if the wait times out.
    pub(crate) fn wait_for_tick_after(&self, time: Timestamp) -> Result<Timestamp, Error> {
        let begin = Instant::now();
        loop {
            let now = self.now()?;
            if now > time || begin.elapsed() > TICK_TIMEOUT {
                return Ok(now);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Returns when the contents of a file last changed. Programs can set this time.
pub(crate) fn modified_at(stat: &FileStat) -> Timestamp {
    (stat.st_mtime, stat.st_mtime_nsec)
}

/// Returns when the contents or the attributes of a file last changed.
pub(crate) fn changed_at(stat: &FileStat) -> Timestamp {
    // `tar` and `touch -d` set mtime to a time in the past; only the kernel sets ctime.
    modified_at(stat).max((stat.st_ctime, stat.st_ctime_nsec))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use nix::sys::stat::lstat;
    use tempfile::{TempDir, tempdir, tempdir_in};

    use super::*;

    /// Returns two pairs of folders: on one file system, and on two.
    fn folders() -> [(TempDir, TempDir); 2] {
        [(tempdir().unwrap(), tempdir().unwrap()), (tempdir_in("/dev/shm").unwrap(), tempdir().unwrap())]
    }

    #[test]
    fn a_tick_separates_changes_before_it_from_changes_after_it() {
        for (root, state_folder) in folders() {
            let clock = FsClock::new(root.path(), state_folder.path());
            let file = root.path().join("file");
            for _ in 0..20 {
                fs::write(&file, "before").unwrap();
                let begin = clock.now().unwrap();
                let sent_from = clock.wait_for_tick_after(begin).unwrap();
                assert!(changed_at(&lstat(&file).unwrap()) < sent_from);
                fs::write(&file, "after").unwrap();
                assert!(changed_at(&lstat(&file).unwrap()) >= sent_from);
            }
        }
    }

    #[test]
    fn setting_a_file_time_does_not_hide_a_change() {
        let (root, state_folder) = (tempdir().unwrap(), tempdir().unwrap());
        let clock = FsClock::new(root.path(), state_folder.path());
        let (now, path) = (clock.now().unwrap(), root.path().join("file"));
        let file = fs::File::create(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        let stat = lstat(&path).unwrap();
        assert_eq!(modified_at(&stat), (0, 0));
        assert!(changed_at(&stat) >= now);
    }

    #[test]
    fn a_reading_leaves_no_file() {
        for (root, state_folder) in folders() {
            FsClock::new(root.path(), state_folder.path()).now().unwrap();
            for folder in [root.path(), state_folder.path()] {
                assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn a_read_only_project_has_a_clock() {
        let state_folder = tempdir().unwrap();
        let clock = FsClock::new(Path::new("/proc/self"), state_folder.path());
        assert!(clock.now().unwrap() > (0, 0));
    }
}
