//! Syncs of one project at once: one after the other, since they keep the same files.

use std::fs::File;
use std::thread;

use dockerutils_command::Runner;
use nix::fcntl::{Flock, FlockArg};

use crate::dock::{Dock, SHELL, read, shell, write};

#[test]
fn one_waits_for_the_other() {
    let mut dock = Dock::new();
    write(dock.here(), "a", "1", 0);
    dock.up(false).expect("a sync");
    // Whoever comes to the dock while another is there leaves a trace.
    let (busy, met) = (dock.temp().join("busy"), dock.temp().join("met"));
    dock.sync.workspace.ssh = shell(&format!(
        "mkdir {busy:?} || touch {met:?}; sleep 0.1; ({SHELL}); code=$?; rmdir {busy:?}; exit $code"
    ));
    thread::scope(|scope| {
        for number in 0..6 {
            let (dock, runner) = (&dock, Runner::new(false));
            scope.spawn(move || match number % 3 {
                0 => dock.up(true).expect("a sync"),
                1 => drop(dock.down(false).expect("a sync")),
                _ => drop(dock.sync.plan_up(false, &runner).expect("a plan")),
            });
        }
    });
    assert!(!met.exists());
    assert_eq!(read(&dock.there(), "a").as_deref(), Some("1"));
}

/// What was planned holds until it is brought.
#[test]
fn a_plan_keeps_others_away() {
    let dock = Dock::new();
    dock.up(false).expect("a sync");
    let is_free = || {
        let file = File::open(dock.sync.folder.join("project.lock")).expect("a lock");
        Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok()
    };
    assert!(is_free());
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    dock.sync.down(&mut plan, &Runner::new(false)).expect("a sync");
    assert!(!is_free());
    drop(plan);
    assert!(is_free());
}
