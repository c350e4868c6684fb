//! The clock of a project's own file system, read off the time that it gives to a new file.
//!
//! It stands still for some milliseconds at a time, and a file server's may differ from ours. What is changed after a
//! reading has the time that was read, or a later one.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::stat::{FileStat, fstat};

use crate::Error;

/// Seconds since 1970, and the rest in nanoseconds.
pub(crate) type Time = (i64, i64);

/// How long the next tick is waited for. A file system that counts whole seconds takes longer, and is not waited for.
const PATIENCE: Duration = Duration::from_millis(20);

/// A file system's clock.
#[derive(Debug)]
pub(crate) struct Clock {
    folder: PathBuf,
}

impl Clock {
    /// Of the file system of `root`; `own` is a folder of ours, which is used where it is on the same one.
    pub(crate) fn new(root: &Path, own: &Path) -> Self {
        let device = |folder: &Path| folder.metadata().map(|found| found.dev()).ok();
        let own_clock = Clock { folder: own.to_owned() };
        if device(root) == device(own) {
            return own_clock;
        }
        let clock = Clock { folder: root.to_owned() };
        // A project that we may not write to has the time that the kernel gives to all its own file systems.
        if clock.now().is_ok() { clock } else { own_clock }
    }

    /// What a file that was changed now would have.
    pub(crate) fn now(&self) -> Result<Time, Error> {
        let file = tempfile::tempfile_in(&self.folder);
        let stat = file.and_then(|file| Ok(fstat(file)?)).map_err(Error::io("written", &self.folder))?;
        Ok(modified(&stat))
    }

    /// A time after this one, as soon as the clock shows it.
    pub(crate) fn after(&self, time: Time) -> Result<Time, Error> {
        let begin = Instant::now();
        loop {
            let now = self.now()?;
            if now > time || begin.elapsed() > PATIENCE {
                return Ok(now);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// When a file's contents were last changed, by the clock or as somebody has set it.
pub(crate) fn modified(stat: &FileStat) -> Time {
    (stat.st_mtime, stat.st_mtime_nsec)
}

/// When anything of a file was last changed, by the clock alone.
pub(crate) fn touched(stat: &FileStat) -> Time {
    modified(stat).max((stat.st_ctime, stat.st_ctime_nsec))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use nix::sys::stat::lstat;
    use tempfile::{TempDir, tempdir, tempdir_in};

    use super::*;

    /// Two folders: on one file system, and on two.
    fn folders() -> [(TempDir, TempDir); 2] {
        [(tempdir().unwrap(), tempdir().unwrap()), (tempdir_in("/dev/shm").unwrap(), tempdir().unwrap())]
    }

    #[test]
    fn what_is_changed_between_two_readings_is_told_from_what_is_changed_later() {
        for (root, own) in folders() {
            let clock = Clock::new(root.path(), own.path());
            let file = root.path().join("file");
            for _ in 0..20 {
                fs::write(&file, "before").unwrap();
                let begin = clock.now().unwrap();
                let sent_from = clock.after(begin).unwrap();
                assert!(touched(&lstat(&file).unwrap()) < sent_from);
                fs::write(&file, "after").unwrap();
                assert!(touched(&lstat(&file).unwrap()) >= sent_from);
            }
        }
    }

    #[test]
    fn a_time_that_was_set_does_not_hide_a_change() {
        let (root, own) = (tempdir().unwrap(), tempdir().unwrap());
        let clock = Clock::new(root.path(), own.path());
        let (now, path) = (clock.now().unwrap(), root.path().join("file"));
        let file = fs::File::create(&path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        let stat = lstat(&path).unwrap();
        assert_eq!(modified(&stat), (0, 0));
        assert!(touched(&stat) >= now);
    }

    #[test]
    fn nothing_is_left_of_a_reading() {
        for (root, own) in folders() {
            Clock::new(root.path(), own.path()).now().unwrap();
            for folder in [root.path(), own.path()] {
                assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn a_project_that_cannot_be_written_to_has_a_clock_all_the_same() {
        let own = tempdir().unwrap();
        let clock = Clock::new(Path::new("/proc/self"), own.path());
        assert!(clock.now().unwrap() > (0, 0));
    }
}
