//! `up` leaves alone what changed on the dock, and deletes only what was once equal on both sides.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use dockerutils_sync::{UpOptions, UpPlan};

use crate::dock::{Dock, SHELL, read, shell, write};

const BACKUP: &str = ".dockerutils-backup";
const FORCE: UpOptions = UpOptions { delete: false, force: true };

fn synced() -> Dock {
    let dock = Dock::new();
    write(dock.local(), "a", "old", 0);
    write(dock.local(), "src/b", "old", 0);
    dock.up(false).expect("a sync");
    dock
}

fn counts(plan: &UpPlan) -> [usize; 4] {
    [plan.sent.len(), plan.newer.len(), plan.conflicts.len(), plan.other_kinds.len()]
}

fn names(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

/// On each side, `a` is unchanged (`None`), removed (an empty text), or changed.
#[test]
fn the_side_that_changed_decides() {
    for (local, remote, expected, counted) in [
        (None, None, Some("old"), [0, 0, 0, 0]),
        (Some("here"), None, Some("here"), [1, 0, 0, 0]),
        (None, Some("there"), Some("there"), [0, 1, 0, 0]),
        (Some("here"), Some("there"), Some("there"), [0, 0, 1, 0]),
        (Some("both"), Some("both"), Some("both"), [0, 0, 0, 0]),
        (Some(""), None, Some("old"), [0, 0, 0, 0]),
        (Some(""), Some("there"), Some("there"), [0, 0, 0, 0]),
        // A workspace that was removed is filled again.
        (None, Some(""), Some("old"), [1, 0, 0, 0]),
    ] {
        let dock = synced();
        dock.change_a(local, remote);
        let plan = dock.up(false).expect("a sync");
        assert_eq!(counts(&plan), counted, "{local:?} {remote:?}");
        assert_eq!(read(&dock.remote(), "a").as_deref(), expected, "{local:?} {remote:?}");
    }
}

#[test]
fn force_keeps_a_backup_of_what_it_overwrites() {
    let dock = synced();
    write(dock.local(), "src/b", "here", 5);
    write(&dock.remote(), "src/b", "there", 6);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0, 0, 1, 0]);
    assert_eq!(counts(&dock.up_with(FORCE).expect("a sync")), [1, 0, 0, 0]);
    assert_eq!(read(&dock.remote(), "src/b").as_deref(), Some("here"));
    let backups = fs::read_dir(dock.remote().join(BACKUP)).expect("backups");
    let backups: Vec<PathBuf> = backups.flatten().map(|entry| entry.path()).collect();
    assert_eq!((backups.len(), read(&backups[0], "src/b").as_deref()), (1, Some("there")));
    // It is neither fetched nor sent again.
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0; 4]);
}

/// The files change on the dock after the comparison, which is the first connection.
#[test]
fn what_changes_on_the_dock_after_the_comparison_is_kept() {
    let mut dock = synced();
    write(dock.local(), "gone", "old", 0);
    dock.up(false).expect("a sync");
    assert!(!dock.remote().join(BACKUP).exists());
    fs::remove_file(dock.local().join("gone")).expect("a file");
    write(dock.local(), "a", "here", 5);
    write(dock.local(), "src/b", "here", 5);
    let (remote, count) = (dock.remote(), dock.temp().join("count"));
    let change = format!("printf result >{:?}; printf result >{:?}", remote.join("a"), remote.join("gone"));
    let ssh = shell(&format!(
        "[ ! -e {count:?} ] || [ -e {count:?}.2 ] || {{ touch {count:?}.2; sleep 0.05; {change}; }}; touch {count:?}; {SHELL}"
    ));
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, ssh);
    let plan = dock.up(true).expect("a sync");
    let kept = remote.join(plan.kept.as_ref().expect("a folder"));
    assert_eq!(names(&plan.sent), ["a", "src/b"]);
    assert_eq!((names(&plan.deleted), plan.is_complete), (vec!["gone".to_owned()], true));
    drop(plan);
    assert_eq!(read(&remote, "a").as_deref(), Some("here"));
    assert_eq!([read(&kept, "a"), read(&kept, "gone")].map(Option::unwrap), ["result", "result"]);
    // What was known to the comparison is not kept.
    assert!(!kept.join("src").exists());
    dock.sync.target.ssh = ssh;
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
    assert_eq!(dock.up(true).expect("a sync").kept, None);
    assert!(kept.join("a").exists());
}

/// The clock of the dock is behind: what was sent before has a time in its future.
#[test]
fn a_clock_that_is_behind_makes_no_file_kept() {
    let dock = synced();
    let in_an_hour = 3600
        + std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs()
        - 978_307_200;
    for (text, seconds) in [("1", in_an_hour), ("2", in_an_hour + 1)] {
        write(dock.local(), "a", text, seconds);
        assert_eq!(dock.up(false).expect("a sync").kept, None);
    }
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("2"));
    assert!(!dock.remote().join(BACKUP).exists());
}

/// Somebody has copied the workspace over the project.
#[test]
fn what_is_ours_in_a_workspace_is_never_sent() {
    let dock = synced();
    write(dock.local(), ".dockerutils-workspace", "of another", 1);
    write(dock.local(), ".dockerutils-backup/x", "old", 1);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0; 4]);
    assert!(!dock.remote().join(BACKUP).exists());
    write(dock.local(), "a", "here", 5);
    assert_eq!(counts(&dock.up(true).expect("a sync")), [1, 0, 0, 0]);
}

#[test]
fn force_keeps_a_backup_of_what_it_overwrites_locally() {
    let dock = synced();
    write(dock.local(), "src/b", "here", 5);
    write(&dock.remote(), "src/b", "there", 6);
    assert_eq!(dock.down(true).expect("a sync"), (vec!["src/b".into()], vec![]));
    let backups = fs::read_dir(dock.sync.backup_folder.join("project")).expect("backups");
    let backups: Vec<PathBuf> = backups.flatten().map(|entry| entry.path()).collect();
    assert_eq!((backups.len(), read(&backups[0], "src/b").as_deref()), (1, Some("here")));
}

/// rsync makes backups in two processes, of which one fails if both create the folder at the same moment.
#[test]
fn the_folder_for_backups_exists_before_rsync_starts() {
    let mut dock = synced();
    write(&dock.remote(), "src/b", "there", 6);
    let (folder, found) = (dock.sync.backup_folder.join("project"), dock.temp().join("found"));
    dock.sync.target.ssh = shell(&format!("ls -d {folder:?}/* >>{found:?}; {SHELL}"));
    assert_eq!(dock.down(true).expect("a sync"), (vec!["src/b".into()], vec![]));
    assert_eq!(read(dock.temp(), "found").expect("a list").lines().count(), 1);
    // Nothing is left of it if nothing was overwritten.
    write(&dock.remote(), "new", "there", 6);
    let before = fs::read_dir(&folder).expect("backups").count();
    dock.down(true).expect("a sync");
    assert_eq!(fs::read_dir(&folder).expect("backups").count(), before);
}

/// The rsync of the dock kills its script when it has sent everything, after the file changed during the transfer.
#[test]
fn what_a_killed_sync_has_left_is_removed_by_the_next_one() {
    let mut dock = synced();
    for name in ["a", "src/b"] {
        write(dock.local(), name, "here", 5);
    }
    let (changed, kept) = (dock.remote().join("a"), dock.remote().join(BACKUP));
    let rsync = format!(
        "#!/bin/sh\n[ -e {kept:?} ] || exec /usr/bin/rsync \"$@\"\necho there >{changed:?}\n/usr/bin/rsync \"$@\"\nkill -9 $PPID\n"
    );
    write(dock.temp(), "rsync", &rsync, 0);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(dock.temp().join("rsync"), mode).expect("a mode");
    dock.sync.target.ssh = shell(&format!("PATH={}:$PATH; {SHELL}", dock.temp().display()));
    dock.up(false).expect_err("a killed sync");
    let left = || {
        let mut names: Vec<PathBuf> = files_below(&kept)
            .iter()
            .map(|path| path.strip_prefix(&kept).expect("a file").components().skip(1).collect())
            .collect();
        names.sort();
        names.iter().map(|name| name.display().to_string()).collect::<Vec<_>>()
    };
    // The first is the mark beside the folder.
    assert_eq!(left(), ["", "a", "src/b"]);
    // What a forced sync keeps is not marked.
    write(&kept, "2001-01-01_00.00.00/forced", "old", 0);
    dock.sync.target.ssh = shell(SHELL);
    dock.up(false).expect("a sync");
    assert_eq!(left(), ["a", "forced"]);
}

/// Returns the files in a folder and in those below it.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn results_of_the_dock_are_not_deleted() {
    let dock = synced();
    write(dock.local(), "gone/x", "old", 0);
    write(dock.local(), "gone/deep/y", "old", 0);
    write(dock.local(), "changed", "old", 0);
    dock.up(false).expect("a sync");
    write(&dock.remote(), "model.bin", "result", 5);
    write(&dock.remote(), "gone/result", "result", 5);
    write(&dock.remote(), "changed", "result", 5);
    fs::create_dir(dock.remote().join("empty")).expect("a folder");
    fs::remove_dir_all(dock.local().join("gone")).expect("a folder");
    fs::remove_file(dock.local().join("changed")).expect("a file");
    let plan = dock.up(true).expect("a sync");
    assert_eq!(names(&plan.deleted), ["gone/deep/y", "gone/x"]);
    assert_eq!(names(&plan.remote_only), ["changed", "gone/result", "model.bin"]);
    drop(plan);
    for (path, exists) in [
        ("model.bin", true),
        ("gone/result", true),
        ("changed", true),
        ("empty", true),
        ("gone/x", false),
        ("gone/deep", false),
    ] {
        assert_eq!(dock.remote().join(path).exists(), exists, "{path}");
    }
}

/// The file appears on the dock after the comparison.
#[test]
fn a_file_that_appears_in_a_folder_that_is_deleted_stays() {
    let mut dock = synced();
    write(dock.local(), "gone/x", "old", 0);
    dock.up(false).expect("a sync");
    fs::remove_dir_all(dock.local().join("gone")).expect("a folder");
    let new = dock.remote().join("gone/new");
    // The second connection deletes.
    let count = dock.temp().join("count");
    dock.sync.target.ssh = shell(&format!("[ ! -e {count:?} ] || touch {new:?}; touch {count:?}; {SHELL}"));
    dock.up(true).expect("a sync");
    assert!(new.exists() && !dock.remote().join("gone/x").exists());
}

#[test]
fn a_file_that_became_a_folder_or_a_link_is_sent_or_named() {
    let dock = synced();
    let (local, remote) = (dock.local(), dock.remote());
    // Unchanged on the dock.
    fs::remove_file(local.join("a")).expect("a file");
    write(local, "a/inside", "here", 5);
    fs::remove_file(local.join("src/b")).expect("a file");
    symlink("../a", local.join("src/b")).expect("a link");
    assert_eq!(counts(&dock.up(false).expect("a sync")), [2, 0, 0, 0]);
    assert_eq!(read(&remote, "a/inside").as_deref(), Some("here"));
    assert_eq!(fs::read_link(remote.join("src/b")).expect("a link"), Path::new("../a"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
    // Another target of the same length.
    fs::remove_file(local.join("src/b")).expect("a file");
    symlink("../c", local.join("src/b")).expect("a link");
    assert_eq!(counts(&dock.up(false).expect("a sync")), [1, 0, 0, 0]);
    // Folders in place of files.
    write(local, "kind/x", "here", 0);
    write(local, "file", "here", 0);
    write(&remote, "kind", "there", 1);
    write(&remote, "file/x", "there", 1);
    let plan = dock.up(false).expect("a sync");
    assert_eq!(counts(&plan), [0, 0, 0, 2]);
    assert_eq!(plan.other_kinds, [PathBuf::from("file"), PathBuf::from("kind")]);
    drop(plan);
    assert_eq!(read(&remote, "kind").as_deref(), Some("there"));
    assert_eq!(read(&remote, "file/x").as_deref(), Some("there"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["file/x".into(), "kind".into()]));
}

#[test]
fn a_file_that_became_a_folder_on_the_dock_is_fetched() {
    let dock = synced();
    fs::remove_file(dock.remote().join("a")).expect("a file");
    write(&dock.remote(), "a/x", "there", 5);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0, 1, 0, 0]);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["a/x".into()], vec![]));
    assert_eq!(read(dock.local(), "a/x").as_deref(), Some("there"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

#[test]
fn a_name_that_is_not_utf8_is_known_after_a_sync() {
    let dock = Dock::new();
    let name = OsStr::from_bytes(b"caf\xe9.txt");
    let set = |root: &Path, text: &str| fs::write(root.join(name), text).expect("a file");
    set(dock.local(), "old");
    dock.up(false).expect("a sync");
    set(&dock.remote(), "there");
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0, 1, 0, 0]);
    let (fetched, conflicts) = dock.down(false).expect("a sync");
    assert_eq!((fetched.len(), conflicts.len()), (1, 0));
    set(dock.local(), "here, and longer");
    assert_eq!(counts(&dock.up(false).expect("a sync")), [1, 0, 0, 0]);
    fs::remove_file(dock.local().join(name)).expect("a file");
    assert_eq!(dock.up(true).expect("a sync").deleted, [PathBuf::from(name)]);
    assert!(!dock.remote().join(name).exists());
}

/// The connection breaks after the files have arrived, and before the state is written.
#[test]
fn what_an_interrupted_sync_has_sent_is_no_change_of_the_dock() {
    let mut dock = synced();
    write(dock.local(), "a", "2", 5);
    let count = dock.temp().join("count");
    let broken = shell(&format!(
        "[ ! -e {count:?} ] && touch {count:?} && exec sh -c '{SHELL}' ssh \"$@\"; ({SHELL}); exit 9"
    ));
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, broken);
    let _ = dock.up(false);
    dock.sync.target.ssh = ssh;
    write(dock.local(), "a", "three", 6);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [1, 0, 0, 0]);
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("three"));
}

#[test]
fn the_index_of_git_is_no_conflict() {
    let dock = synced();
    write(dock.local(), ".git/index", "old", 0);
    dock.up(false).expect("a sync");
    write(&dock.remote(), ".git/index", "there", 5);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [0; 4]);
    write(dock.local(), ".git/index", "here", 6);
    assert_eq!(counts(&dock.up(false).expect("a sync")), [1, 0, 0, 0]);
}
