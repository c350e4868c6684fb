//! When a folder was last changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How many files are looked at: more than any folder of an image has that is meant to.
const MOST_FILES: usize = 10_000;

/// Returns the time of the newest change of a file in a folder. A symbolic link counts itself, and the file that it leads to;
/// folders behind links are not looked into.
///
/// Folders do not count: an editor changes them whenever it opens a file.
pub(crate) fn newest_change(folder: &Path) -> Option<SystemTime> {
    let mut newest = None;
    let mut pending: Vec<PathBuf> = vec![folder.to_owned()];
    let mut left = MOST_FILES;
    while let Some(folder) = pending.pop() {
        // What cannot be read does not get into an image either.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Some(rest) = left.checked_sub(1) else { return newest };
            left = rest;
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                pending.push(entry.path());
            } else {
                newest = newest.max(found.modified().ok());
                // A Dockerfile may be a link to a file that several images share.
                let target =
                    fs::metadata(entry.path()).ok().filter(|target| found.is_symlink() && target.is_file());
                newest = newest.max(target.and_then(|target| target.modified().ok()));
            }
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_newest_file_at_any_depth_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest_change(folder.path()), None);
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(newest_change(folder.path()), None);
        let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (path, seconds) in [(folder.path().join("x"), 100), (deep.join("y"), 200), (deep.join("z"), 50)] {
            File::create(path).unwrap().set_modified(time(seconds)).unwrap();
        }
        assert_eq!(newest_change(folder.path()), Some(time(200)));
        // A link to a folder above would have no end.
        symlink(folder.path(), deep.join("up")).unwrap();
        assert!(newest_change(folder.path()) > Some(time(200)));
        assert_eq!(newest_change(&folder.path().join("none")), None);

        let (shared, linked) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = File::create(shared.path().join("Dockerfile")).unwrap();
        symlink(shared.path().join("Dockerfile"), linked.path().join("Dockerfile")).unwrap();
        let later = SystemTime::now() + Duration::from_secs(1000);
        file.set_modified(later).unwrap();
        assert_eq!(newest_change(linked.path()), Some(later));
    }
}
