//! Bringing back: what was changed on the dock, and nothing that was changed here.

use std::fs;
use std::os::unix::fs::symlink;

use dockerutils_command::Runner;

use crate::dock::{Dock, SHELL, read, shell, write};

/// A dock with `a` on both sides, as it was at second 0.
fn synced() -> Dock {
    let dock = Dock::new();
    write(dock.here(), "a", "old", 0);
    dock.up(false).expect("a sync");
    dock
}

#[test]
fn new_and_changed_files_come_dotfiles_too() {
    let dock = synced();
    write(&dock.there(), "a", "new", 5);
    write(&dock.there(), ".env", "x", 5);
    write(&dock.there(), "out/.b/c", "x", 5);
    let (comes, conflicts) = dock.down(false).expect("a sync");
    assert_eq!((comes, conflicts), (vec![".env".into(), "a".into(), "out/.b/c".into()], vec![]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("new"));
    assert_eq!(read(dock.here(), ".env").as_deref(), Some("x"));
    assert_eq!(read(dock.here(), "out/.b/c").as_deref(), Some("x"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

/// What becomes of `a`, by what happened to it on either side: nothing, a change, a removal.
#[test]
fn who_changed_it_decides() {
    for (here, there, expected, comes, conflicts) in [
        (None, None, Some("old"), 0, 0),
        (Some("here"), None, Some("here"), 0, 0),
        (None, Some("there"), Some("there"), 1, 0),
        (Some("here"), Some("there"), Some("here"), 0, 1),
        // The same on both sides, at another time.
        (Some("both"), Some("both"), Some("both"), 0, 0),
        (Some(""), None, None, 0, 0),
        (Some(""), Some("there"), Some("there"), 1, 0),
        (None, Some(""), Some("old"), 0, 0),
    ] {
        let dock = synced();
        for (root, change, second) in [(dock.here(), here, 5), (&dock.there(), there, 6)] {
            match change {
                None => {}
                Some("") => fs::remove_file(root.join("a")).expect("a file"),
                Some(text) => write(root, "a", text, second),
            }
        }
        let (came, left) = dock.down(false).expect("a sync");
        assert_eq!((came.len(), left.len()), (comes, conflicts), "{here:?} {there:?}");
        assert_eq!(read(dock.here(), "a").as_deref(), expected, "{here:?} {there:?}");
    }
}

#[test]
fn conflicts_are_left_and_the_others_come() {
    let dock = synced();
    write(dock.here(), "a", "here", 5);
    write(&dock.there(), "a", "there", 6);
    write(&dock.there(), "b", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["b".into()], vec!["a".into()]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("here"));
    // It stays a conflict until it is decided.
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(dock.down(true).expect("a sync"), (vec!["a".into()], vec![]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("there"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

#[test]
fn of_a_file_that_was_never_synced_nothing_is_lost() {
    let dock = synced();
    write(dock.here(), "b", "here", 1);
    write(&dock.there(), "b", "there", 2);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["b".into()]));
    // The same when all memory is gone.
    fs::remove_dir_all(&dock.sync.folder).expect("a folder");
    write(&dock.there(), "a", "there", 2);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into(), "b".into()]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("old"));
}

#[test]
fn another_folder_of_the_same_name_has_another_past() {
    let mut dock = synced();
    let elsewhere = dock.temp().join("elsewhere/project");
    write(&elsewhere, "a", "old", 0);
    write(&dock.there(), "a", "there", 2);
    dock.sync.root = elsewhere;
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
}

#[test]
fn a_state_that_cannot_be_understood_is_none() {
    let dock = synced();
    let state = dock.sync.folder.join("project.json");
    assert!(fs::read_to_string(&state).expect("a state").contains("\"a\":["));
    fs::write(&state, "{").expect("a file");
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
    write(&dock.there(), "a", "there", 2);
    // The sync before has seen that it was the same on both sides.
    assert_eq!(dock.down(false).expect("a sync"), (vec!["a".into()], vec![]));
}

#[test]
fn what_is_excluded_stays_there() {
    let dock = Dock::new();
    fs::write(dock.here().join(".dockerignore"), "data\n!data/keep\nlog?\n*.tmp\n!b.tmp\n**/cache\n")
        .expect("a file");
    dock.up(false).expect("a sync");
    for name in ["data/x", "data/keep", "log1", "log12", "a.tmp", "b.tmp", "x/cache/y", "x/z"] {
        write(&dock.there(), name, "x", 1);
    }
    let (comes, conflicts) = dock.down(false).expect("a sync");
    assert_eq!(
        (comes, conflicts),
        (["b.tmp", "data/keep", "log12", "x/z"].map(str::to_owned).to_vec(), vec![])
    );
    assert!(!dock.here().join("data/x").exists());
}

/// A link here is never written through: what it leads to is not the project's.
#[test]
fn a_link_in_the_way_is_a_conflict() {
    let dock = synced();
    let outside = dock.temp().join("outside");
    fs::create_dir(&outside).expect("a folder");
    symlink(&outside, dock.here().join("data")).expect("a link");
    write(&dock.there(), "data/x", "there", 1);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["data/x".into()]));
    assert!(!outside.join("x").exists());
    assert_eq!(dock.down(true).expect("a sync"), (vec!["data/x".into()], vec![]));
    assert!(!outside.join("x").exists());
    assert_eq!(read(dock.here(), "data/x").as_deref(), Some("there"));
}

#[test]
fn a_folder_in_the_way_is_a_conflict() {
    let dock = synced();
    write(dock.here(), "data/mine", "here", 1);
    write(&dock.there(), "data", "there", 1);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["data".into()]));
    assert!(dock.down(true).is_err());
    assert_eq!(read(dock.here(), "data/mine").as_deref(), Some("here"));
}

#[test]
fn without_a_workspace_there_is_nothing_to_bring() {
    let dock = Dock::new();
    let error = dock.down(false).expect_err("no workspace").to_string();
    assert_eq!(error, format!("the dock has no {}: `sync-up gpu` makes it", dock.there().display()));
}

/// The file is changed by the time that the dock is reached. Nobody knows whether it was sent like this.
#[test]
fn what_changes_while_it_is_sent_counts_as_changed_here() {
    let mut dock = synced();
    let change = format!("printf late > {:?}", dock.here().join("a"));
    let ssh = std::mem::replace(&mut dock.sync.workspace.ssh, shell(&format!("{change}; {SHELL}")));
    dock.up(false).expect("a sync");
    dock.sync.workspace.ssh = ssh;
    write(&dock.there(), "a", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("late"));
    // The next sync-up has it.
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.there(), "a").as_deref(), Some("late"));
    write(&dock.there(), "a", "there", 7);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["a".into()], vec![]));
}

#[test]
fn what_changes_as_soon_as_it_has_come_counts_as_changed_here() {
    let mut dock = synced();
    write(&dock.there(), "a", "there", 6);
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    let change = format!("printf mine! > {:?}", dock.here().join("a"));
    let ssh = std::mem::replace(&mut dock.sync.workspace.ssh, shell(&format!("({SHELL}); {change}")));
    dock.sync.down(&mut plan, &Runner::new(false)).expect("a sync");
    drop(plan);
    dock.sync.workspace.ssh = ssh;
    assert_eq!(read(dock.here(), "a").as_deref(), Some("mine!"));
    write(&dock.there(), "a", "again", 7);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
}

/// Changed, made, and put in the way of a folder after the dock was asked. What was not touched comes.
#[test]
fn what_changes_after_it_was_planned_is_a_conflict() {
    for force in [false, true] {
        let dock = synced();
        let outside = dock.temp().join("outside");
        fs::create_dir(&outside).expect("a folder");
        for name in ["a", "new", "data/x", "other"] {
            write(&dock.there(), name, "there", 6);
        }
        let mut plan = dock.sync.plan_down(force, &Runner::new(false)).expect("a plan");
        assert_eq!((plan.comes.len(), plan.conflicts.len()), (4, 0));
        write(dock.here(), "a", "mine", 5);
        write(dock.here(), "new", "mine", 5);
        symlink(&outside, dock.here().join("data")).expect("a link");
        dock.sync.down(&mut plan, &Runner::new(false)).expect("a sync");
        let conflicts: Vec<_> = plan.conflicts.iter().filter_map(|path| path.to_str()).collect();
        let expected: &[&str] = if force { &[] } else { &["a", "data/x", "new"] };
        assert_eq!((conflicts.as_slice(), plan.comes.len()), (expected, 4 - expected.len()));
        let kept = if force { "there" } else { "mine" };
        assert_eq!(read(dock.here(), "a").as_deref(), Some(kept));
        assert_eq!(read(dock.here(), "new").as_deref(), Some(kept));
        assert_eq!(read(dock.here(), "other").as_deref(), Some("there"));
        assert!(!outside.join("x").exists());
        drop(plan);
        // They stay conflicts until they are decided.
        let (_, conflicts) = dock.down(false).expect("a sync");
        assert_eq!(conflicts, expected);
    }
}
