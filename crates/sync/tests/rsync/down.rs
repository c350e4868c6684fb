//! `down` fetches what changed on the dock and overwrites nothing that changed locally.

use std::fs;
use std::os::unix::fs::symlink;

use dockerutils_command::Runner;
use dockerutils_sync::UpOptions;

use crate::dock::{Dock, SHELL, read, shell, write};

#[test]
fn new_and_changed_files_are_fetched_including_dotfiles() {
    let dock = Dock::synced();
    write(&dock.remote(), "a", "new", 5);
    write(&dock.remote(), ".env", "x", 5);
    write(&dock.remote(), "out/.b/c", "x", 5);
    let (fetched, conflicts) = dock.down(false).expect("a sync");
    assert_eq!((fetched, conflicts), (vec![".env".into(), "a".into(), "out/.b/c".into()], vec![]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("new"));
    assert_eq!(read(dock.local(), ".env").as_deref(), Some("x"));
    assert_eq!(read(dock.local(), "out/.b/c").as_deref(), Some("x"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

/// On each side, `a` is unchanged (`None`), removed (an empty text), or changed.
#[test]
fn the_side_that_changed_decides() {
    for (local, remote, expected, fetched, conflicts) in [
        (None, None, Some("old"), 0, 0),
        (Some("here"), None, Some("here"), 0, 0),
        (None, Some("there"), Some("there"), 1, 0),
        (Some("here"), Some("there"), Some("here"), 0, 1),
        // The same contents on both sides, with different times.
        (Some("both"), Some("both"), Some("both"), 0, 0),
        (Some(""), None, None, 0, 0),
        (Some(""), Some("there"), Some("there"), 1, 0),
        (None, Some(""), Some("old"), 0, 0),
    ] {
        let dock = Dock::synced();
        dock.change_a(local, remote);
        let (files, left) = dock.down(false).expect("a sync");
        assert_eq!((files.len(), left.len()), (fetched, conflicts), "{local:?} {remote:?}");
        assert_eq!(read(dock.local(), "a").as_deref(), expected, "{local:?} {remote:?}");
    }
}

/// The second connection fetches.
#[test]
fn a_file_that_vanishes_before_it_is_fetched_is_not_listed() {
    let mut dock = Dock::synced();
    for name in ["a", "kept", "gone"] {
        write(&dock.remote(), name, "new", 5);
    }
    let (gone, a, count) = (dock.remote().join("gone"), dock.remote().join("a"), dock.temp().join("count"));
    dock.sync.target.ssh =
        shell(&format!("[ ! -e {count:?} ] || rm -f {gone:?} {a:?}; touch {count:?}; {SHELL}"));
    assert_eq!(dock.down(false).expect("a sync"), (vec!["kept".into()], vec![]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("old"));
}

#[test]
fn conflicts_are_left_and_other_files_are_fetched() {
    let dock = Dock::synced();
    write(dock.local(), "a", "here", 5);
    write(&dock.remote(), "a", "there", 6);
    write(&dock.remote(), "b", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["b".into()], vec!["a".into()]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("here"));
    // It stays a conflict until the user decides.
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(dock.down(true).expect("a sync"), (vec!["a".into()], vec![]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("there"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

#[test]
fn a_file_that_was_never_synced_is_not_overwritten() {
    let dock = Dock::synced();
    write(dock.local(), "b", "here", 1);
    write(&dock.remote(), "b", "there", 2);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["b".into()]));
    // The same applies when the state is lost.
    fs::remove_dir_all(&dock.sync.state_folder).expect("a folder");
    write(&dock.remote(), "a", "there", 2);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into(), "b".into()]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("old"));
}

#[test]
fn another_folder_of_the_same_name_has_a_state_of_its_own() {
    let mut dock = Dock::synced();
    let elsewhere = dock.temp().join("elsewhere/project");
    write(&elsewhere, "a", "old", 0);
    write(&dock.remote(), "a", "there", 2);
    dock.sync.workspace.root = elsewhere;
    // The first folder releases its workspace; otherwise the other one is refused.
    fs::remove_file(dock.remote().join(".dockerutils-workspace")).expect("a record");
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
}

#[test]
fn a_broken_state_counts_as_empty() {
    let dock = Dock::synced();
    let state = dock.sync.state_folder.join("project.json");
    assert!(fs::read_to_string(&state).expect("a state").contains("\"a\":["));
    fs::write(&state, "{").expect("a file");
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
    write(&dock.remote(), "a", "there", 2);
    // The previous sync found that both sides were equal.
    assert_eq!(dock.down(false).expect("a sync"), (vec!["a".into()], vec![]));
}

#[test]
fn excluded_files_are_not_fetched() {
    let dock = Dock::new();
    fs::write(dock.local().join(".dockerignore"), "data\n!data/keep\nlog?\n*.tmp\n!b.tmp\n**/cache\n")
        .expect("a file");
    dock.up(false).expect("a sync");
    for name in ["data/x", "data/keep", "log1", "log12", "a.tmp", "b.tmp", "x/cache/y", "x/z"] {
        write(&dock.remote(), name, "x", 1);
    }
    let (fetched, conflicts) = dock.down(false).expect("a sync");
    assert_eq!(
        (fetched, conflicts),
        (["b.tmp", "data/keep", "log12", "x/z"].map(str::to_owned).to_vec(), vec![])
    );
    assert!(!dock.local().join("data/x").exists());
}

/// rsync must not write through a symbolic link: its target is outside of the project.
#[test]
fn a_link_in_place_of_a_folder_is_a_conflict() {
    let dock = Dock::synced();
    let outside = dock.temp().join("outside");
    fs::create_dir(&outside).expect("a folder");
    symlink(&outside, dock.local().join("data")).expect("a link");
    write(&dock.remote(), "data/x", "there", 1);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["data/x".into()]));
    assert!(!outside.join("x").exists());
    assert_eq!(dock.down(true).expect("a sync"), (vec!["data/x".into()], vec![]));
    assert!(!outside.join("x").exists());
    assert_eq!(read(dock.local(), "data/x").as_deref(), Some("there"));
}

#[test]
fn a_folder_in_place_of_a_file_is_a_conflict() {
    let dock = Dock::synced();
    write(dock.local(), "data/mine", "here", 1);
    write(&dock.remote(), "data", "there", 1);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["data".into()]));
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec!["data".into()]));
    assert_eq!(read(dock.local(), "data/mine").as_deref(), Some("here"));
}

#[test]
fn a_missing_workspace_is_an_error() {
    let dock = Dock::new();
    let error = dock.down(false).expect_err("no workspace").to_string();
    assert_eq!(error, format!("the dock has no {}: `sync-up gpu` creates it", dock.remote().display()));
}

/// The file changes when the connection opens; rsync may have sent it before or after the change.
#[test]
fn a_file_that_changes_while_it_is_sent_counts_as_changed_locally() {
    let mut dock = Dock::synced();
    let change = format!("printf late > {:?}", dock.local().join("a"));
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, shell(&format!("{change}; {SHELL}")));
    dock.up(false).expect("a sync");
    dock.sync.target.ssh = ssh;
    // The next sync-up sends it.
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("late"));
    let again = format!("printf later > {:?}", dock.local().join("a"));
    fs::write(dock.local().join("a"), "before").expect("a file");
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, shell(&format!("{again}; {SHELL}")));
    dock.up(false).expect("a sync");
    dock.sync.target.ssh = ssh;
    write(&dock.remote(), "a", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("later"));
    dock.up_with(UpOptions { delete: false, force: true }).expect("a sync");
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("later"));
    write(&dock.remote(), "a", "there", 7);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["a".into()], vec![]));
}

#[test]
fn a_file_that_changes_right_after_its_arrival_counts_as_changed_locally() {
    let mut dock = Dock::synced();
    write(&dock.remote(), "a", "there", 6);
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    let change = format!("printf mine! > {:?}", dock.local().join("a"));
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, shell(&format!("({SHELL}); {change}")));
    dock.sync.down(&mut plan, None, &Runner::new(false)).expect("a sync");
    drop(plan);
    dock.sync.target.ssh = ssh;
    assert_eq!(read(dock.local(), "a").as_deref(), Some("mine!"));
    write(&dock.remote(), "a", "again", 7);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
}

/// After the plan is made, a file changes, a file is created, and a link takes the place of a folder. Other files are fetched.
#[test]
fn a_file_that_changes_after_the_plan_is_a_conflict() {
    for force in [false, true] {
        let dock = Dock::synced();
        let outside = dock.temp().join("outside");
        fs::create_dir(&outside).expect("a folder");
        for name in ["a", "new", "data/x", "other"] {
            write(&dock.remote(), name, "there", 6);
        }
        let mut plan = dock.sync.plan_down(force, &Runner::new(false)).expect("a plan");
        assert_eq!((plan.fetched.len(), plan.conflicts.len()), (4, 0));
        write(dock.local(), "a", "mine", 5);
        write(dock.local(), "new", "mine", 5);
        symlink(&outside, dock.local().join("data")).expect("a link");
        dock.sync.down(&mut plan, None, &Runner::new(false)).expect("a sync");
        let conflicts: Vec<_> = plan.conflicts.iter().filter_map(|path| path.to_str()).collect();
        let expected: &[&str] = if force { &[] } else { &["a", "data/x", "new"] };
        assert_eq!((conflicts.as_slice(), plan.fetched.len()), (expected, 4 - expected.len()));
        let kept = if force { "there" } else { "mine" };
        assert_eq!(read(dock.local(), "a").as_deref(), Some(kept));
        assert_eq!(read(dock.local(), "new").as_deref(), Some(kept));
        assert_eq!(read(dock.local(), "other").as_deref(), Some("there"));
        assert!(!outside.join("x").exists());
        drop(plan);
        // They stay conflicts until the user decides.
        let (_, conflicts) = dock.down(false).expect("a sync");
        assert_eq!(conflicts, expected);
    }
}
