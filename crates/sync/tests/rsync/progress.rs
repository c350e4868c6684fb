//! The progress that a transfer reports.

use std::sync::Mutex;

use dockerutils_command::Runner;
use dockerutils_sync::UpOptions;

use crate::dock::{Dock, write};

#[test]
fn the_bytes_that_are_done_are_reported_in_both_directions() {
    let (dock, runner) = (Dock::new(), Runner::new(false));
    let seen = Mutex::new(Vec::new());
    let on_progress = |done, total| seen.lock().expect("no panic").push((done, total));
    write(dock.local(), "a", &"x".repeat(5_000_000), 0);
    dock.sync.up(UpOptions::default(), Some(&on_progress), &runner).expect("a sync");
    write(&dock.remote(), "a", &"x".repeat(2_000_000), 5);
    write(&dock.remote(), "b", &"x".repeat(1_000_000), 5);
    let mut plan = dock.sync.plan_down(false, &runner).expect("a plan");
    dock.sync.down(&mut plan, Some(&on_progress), &runner).expect("a sync");
    let seen = seen.into_inner().expect("no panic");
    assert!(
        seen.contains(&(5_000_000, 5_000_000)) && seen.last() == Some(&(3_000_000, 3_000_000)),
        "{seen:?}"
    );
}
