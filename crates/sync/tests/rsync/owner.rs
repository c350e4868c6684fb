//! A workspace is the copy of one folder, and another folder is refused.

use std::fs;

use crate::dock::{Dock, read, write};

/// Returns two clones of a project, whose workspaces have one path.
fn clones() -> (Dock, Dock) {
    let (first, mut second) = (Dock::new(), Dock::new());
    second.sync.workspace.path = first.sync.workspace.path.clone();
    write(first.local(), "a", "first", 0);
    write(second.local(), "a", "the second", 1);
    (first, second)
}

#[test]
fn another_clone_is_refused_with_the_way_out() {
    let (first, second) = clones();
    first.up(false).expect("a sync");
    let refusals = [
        second.up(false).expect_err("another clone"),
        second.up(true).expect_err("another clone"),
        second.down(false).expect_err("another clone"),
        second.down(true).expect_err("another clone"),
    ];
    let (path, local) = (&first.sync.workspace.path, first.local().canonicalize().expect("a folder"));
    for error in refusals.map(|error| error.to_string()) {
        assert!(error.starts_with(&format!("{path} on gpu is the copy of ")), "{error}");
        assert!(error.contains(&format!(":{}, which is not this folder", local.display())), "{error}");
        assert!(
            error.contains("`sync-up gpu --as NAME`") && error.contains("`ssh-dock gpu -- rm "),
            "{error}"
        );
    }
    assert_eq!(read(&first.remote(), "a").as_deref(), Some("first"));
    assert_eq!(read(second.local(), "a").as_deref(), Some("the second"));
    // The remedy of the message.
    fs::remove_file(first.remote().join(".dockerutils-workspace")).expect("the record");
    second.up(false).expect("a sync");
    assert!(first.down(false).is_err());
}

#[test]
fn the_record_stays_on_the_dock() {
    let dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    dock.up(false).expect("a sync");
    dock.up(true).expect("a sync");
    write(&dock.remote(), "new", "1", 0);
    assert_eq!(dock.down(false).expect("a sync"), (vec!["new".to_owned()], vec![]));
    let record = ".dockerutils-workspace";
    assert!(dock.remote().join(record).exists() && !dock.local().join(record).exists());
}

/// Workspaces from before there were records belong to the folder that first sends to them.
#[test]
fn a_workspace_without_a_record_is_taken() {
    let (first, second) = clones();
    write(&first.remote(), "old", "1", 0);
    first.down(false).expect("a sync");
    first.up(false).expect("a sync");
    assert!(second.up(false).is_err());
}
