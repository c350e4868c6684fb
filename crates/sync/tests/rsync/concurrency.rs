//! Concurrent syncs of one project run one after the other, because they write the same files.

use std::fs::File;
use std::thread;

use dockerutils_command::Runner;
use dockerutils_sync::UpOptions;
use nix::fcntl::{Flock, FlockArg};

use crate::dock::{Dock, SHELL, read, shell, write};

#[test]
fn a_sync_waits_for_another() {
    let mut dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    dock.up(false).expect("a sync");
    // A connection that is opened during another one leaves the file `overlap`.
    let (busy, overlap) = (dock.temp().join("busy"), dock.temp().join("overlap"));
    dock.sync.target.ssh = shell(&format!(
        "mkdir {busy:?} || touch {overlap:?}; sleep 0.1; ({SHELL}); code=$?; rmdir {busy:?}; exit $code"
    ));
    thread::scope(|scope| {
        for number in 0..6 {
            let (dock, runner) = (&dock, Runner::new(false));
            scope.spawn(move || match number % 3 {
                0 => drop(dock.up(true).expect("a sync")),
                1 => drop(dock.down(false).expect("a sync")),
                _ => drop(dock.sync.plan_up(UpOptions::default(), &runner).expect("a plan")),
            });
        }
    });
    assert!(!overlap.exists());
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("1"));
}

/// The plan stays valid until its files are fetched.
#[test]
fn a_plan_holds_the_lock() {
    let dock = Dock::new();
    dock.up(false).expect("a sync");
    let is_free = || {
        let file = File::open(dock.sync.state_folder.join("project.lock")).expect("a lock");
        Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok()
    };
    assert!(is_free());
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    dock.sync.down(&mut plan, None, &Runner::new(false)).expect("a sync");
    assert!(!is_free());
    drop(plan);
    assert!(is_free());
}
