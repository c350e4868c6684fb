//! A dry run transfers nothing and writes no state.

use std::fs;

use dockerutils_command::Runner;
use dockerutils_sync::{UpOptions, VersionFile};

use crate::dock::{Dock, read, write};

/// Returns a dock after a sync of `a` and of a version file.
fn synced() -> Dock {
    let mut dock = Dock::new();
    write(dock.local(), "a", "old", 0);
    write(dock.local(), "_version.py", "run git", 0);
    write(dock.local(), "_version.py.bld", "1.0", 0);
    dock.sync.version_file =
        Some(VersionFile { source: "_version.py".into(), built: "_version.py.bld".into() });
    dock.up(false).expect("a sync");
    dock
}

/// Removes every state file except the state itself, so that what is written later is seen.
fn remove_lists(dock: &Dock) {
    for kind in ["exclude", "files", "lock", "create", "require", "keep"] {
        let _ = fs::remove_file(dock.sync.state_folder.join(format!("project.{kind}")));
    }
    for kind in ["version", "reference"] {
        fs::remove_dir_all(dock.sync.state_folder.join(format!("project.{kind}"))).expect("a folder");
    }
}

#[test]
fn a_file_that_was_not_sent_still_counts_as_changed_locally() {
    let dock = synced();
    write(dock.local(), "a", "mine", 5);
    dock.sync.up(UpOptions::default(), None, &Runner::new(true)).expect("a dry run");
    write(&dock.remote(), "a", "there", 6);
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["a".into()]));
    assert_eq!(read(dock.local(), "a").as_deref(), Some("mine"));
}

#[test]
fn a_dry_run_writes_no_file_but_the_lists_that_its_lines_read() {
    let dock = synced();
    let others =
        || names(&dock).into_iter().filter(|name| !name.starts_with("project.dry-run.")).collect::<Vec<_>>();
    let state = read(&dock.sync.state_folder, "project.json");
    write(&dock.remote(), "new", "there", 5);
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    assert_eq!(plan.fetched.len(), 1);
    remove_lists(&dock);
    let dry = Runner::new(true);
    dock.sync.down(&mut plan, None, &dry).expect("a dry run");
    let mut plan = dock.sync.plan_down(true, &dry).expect("a plan");
    dock.sync.down(&mut plan, None, &dry).expect("a dry run");
    dock.sync.plan_up(UpOptions { delete: true, force: false }, &dry).expect("a plan");
    dock.sync.up(UpOptions { delete: true, force: false }, None, &dry).expect("a dry run");
    assert_eq!(others(), ["project.json"]);
    assert_eq!(read(&dock.sync.state_folder, "project.json"), state);
    // Before the first sync either.
    fs::remove_dir_all(&dock.sync.state_folder).expect("a folder");
    dock.sync.up(UpOptions::default(), None, &dry).expect("a dry run");
    assert_eq!(others(), [""; 0]);
}

fn names(dock: &Dock) -> Vec<String> {
    let entries = fs::read_dir(&dock.sync.state_folder).expect("the state folder").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
