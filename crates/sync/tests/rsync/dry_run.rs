//! A dry run: nothing is sent or brought, and nothing is written that would say so.

use std::fs;

use dockerutils_command::Runner;

use crate::dock::{Dock, read, write};

/// A dock that knows `a` as it was, and a version file.
fn synced() -> Dock {
    let mut dock = Dock::new();
    write(dock.here(), "a", "old", 0);
    write(dock.here(), "_version.py", "ask git", 0);
    write(dock.here(), "_version.py.bld", "1.0", 0);
    dock.sync.version_file = Some("_version.py".into());
    dock.up(false).expect("a sync");
    dock
}

/// What is kept of the past; everything that is written there is new.
fn forget_lists(dock: &Dock) {
    for kind in ["exclude", "files", "lock"] {
        let _ = fs::remove_file(dock.sync.folder.join(format!("project.{kind}")));
    }
    fs::remove_dir_all(dock.sync.folder.join("project.version")).expect("a staged version");
}

#[test]
fn what_was_not_sent_still_counts_as_changed_here() {
    let dock = synced();
    write(dock.here(), "a", "mine", 5);
    dock.sync.up(false, &Runner::new(true)).expect("a dry run");
    write(&dock.there(), "a", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(read(dock.here(), "a").as_deref(), Some("mine"));
}

#[test]
fn nothing_is_written() {
    let dock = synced();
    let state = read(&dock.sync.folder, "project.json");
    write(&dock.there(), "new", "there", 5);
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    assert_eq!(plan.comes.len(), 1);
    forget_lists(&dock);
    let dry = Runner::new(true);
    dock.sync.down(&mut plan, &dry).expect("a dry run");
    let mut plan = dock.sync.plan_down(true, &dry).expect("a plan");
    dock.sync.down(&mut plan, &dry).expect("a dry run");
    dock.sync.plan_up(true, &dry).expect("a plan");
    dock.sync.up(true, &dry).expect("a dry run");
    assert_eq!(names(&dock), ["project.json"]);
    assert_eq!(read(&dock.sync.folder, "project.json"), state);
    // Where nothing was ever synced, there is no folder either.
    fs::remove_dir_all(&dock.sync.folder).expect("a folder");
    dock.sync.up(false, &dry).expect("a dry run");
    assert!(!dock.sync.folder.exists());
}

fn names(dock: &Dock) -> Vec<String> {
    let entries = fs::read_dir(&dock.sync.folder).expect("what is kept").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
