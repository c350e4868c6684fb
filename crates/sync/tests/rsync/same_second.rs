//! A second change within one second, and of the same length, is noticed on both sides.

use dockerutils_sync::UpOptions;

use crate::dock::{Dock, read, set_nanoseconds, write};

/// Writes a file of one second.
fn write_at(root: &std::path::Path, path: &str, text: &str, nanoseconds: u64) {
    write(root, path, text, 0);
    set_nanoseconds(root, path, nanoseconds);
}

/// As in `for i in 1 2 3; do sed -i "s/lr=./lr=$i/" cfg; run-image dev -c 'cat /workspace/cfg'; done`.
#[test]
fn each_step_of_a_parameter_sweep_is_sent() {
    let dock = Dock::new();
    write_at(dock.local(), "cfg", "lr=0", 1);
    dock.up(false).expect("a sync");
    for step in 1..4 {
        let text = format!("lr={step}");
        write_at(dock.local(), "cfg", &text, 1 + step);
        let plan = dock.up(false).expect("a sync");
        assert_eq!((plan.sent.len(), plan.conflicts.len()), (1, 0));
        assert_eq!(read(&dock.remote(), "cfg"), Some(text));
    }
    assert!(dock.up(false).expect("a sync").sent.is_empty());
}

#[test]
fn each_change_on_the_dock_is_fetched() {
    let dock = Dock::new();
    write_at(dock.local(), "cfg", "lr=0", 1);
    dock.up(false).expect("a sync");
    for step in 1..4 {
        let text = format!("lr={step}");
        write_at(&dock.remote(), "cfg", &text, 1 + step);
        assert_eq!(dock.down(false).expect("a sync"), (vec!["cfg".into()], vec![]));
        assert_eq!(read(dock.local(), "cfg"), Some(text));
    }
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}

#[test]
fn a_change_on_the_dock_is_left_and_one_on_both_sides_is_a_conflict() {
    let dock = Dock::new();
    write_at(dock.local(), "cfg", "lr=0", 1);
    write_at(dock.local(), "other", "same", 5);
    dock.up(false).expect("a sync");
    write_at(&dock.remote(), "cfg", "lr=1", 2);
    let plan = dock.up(false).expect("a sync");
    assert_eq!((plan.sent.len(), plan.newer.len(), plan.conflicts.len()), (0, 1, 0));
    drop(plan);
    write_at(dock.local(), "cfg", "lr=2", 3);
    let plan = dock.up(false).expect("a sync");
    assert_eq!((plan.sent.len(), plan.newer.len(), plan.conflicts.len()), (0, 0, 1));
    drop(plan);
    assert_eq!(read(&dock.remote(), "cfg").as_deref(), Some("lr=1"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec!["cfg".into()]));
    dock.up_with(UpOptions { delete: false, force: true }).expect("a sync");
    assert_eq!(read(&dock.remote(), "cfg").as_deref(), Some("lr=2"));
}

/// A file system of the dock that keeps whole seconds only.
#[test]
fn rounded_times_on_the_dock_are_no_changes() {
    let dock = Dock::new();
    for name in ["a", "b", "c"] {
        write_at(dock.local(), name, "lr=0", 5);
    }
    dock.up(false).expect("a sync");
    let round = || ["a", "b", "c"].iter().for_each(|name| set_nanoseconds(&dock.remote(), name, 0));
    round();
    for step in 1..4 {
        let text = format!("lr={step}");
        write_at(dock.local(), "a", &text, 5 + step);
        let plan = dock.up(false).expect("a sync");
        assert_eq!((plan.sent.len(), plan.newer.len(), plan.conflicts.len()), (1, 0, 0));
        assert_eq!(read(&dock.remote(), "a"), Some(text));
        round();
    }
}
