//! Commands that another command ends, and programs that are launched.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

/// Every test of this process gets its signals, so only one sends some at a time.
static SIGNALS: Mutex<()> = Mutex::new(());

#[test]
fn a_signal_runs_the_command_that_stops_it() {
    let _alone = SIGNALS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    // It sends us the signal, which it ignores itself, and ends when the file exists.
    let waiting = sh("trap '' TERM; kill -TERM $PPID; while ! test -e stopped; do sleep 0.05; done; exit 3")
        .dir(folder.path());
    let runner = Runner::new(false);
    runner.watch_signals().unwrap();
    let ended = runner.run_stoppable(&waiting, &Command::new("touch").arg("stopped").dir(folder.path()));
    assert!(matches!(ended, Err(Error::Interrupted { signal: 15 })), "{ended:?}");
}

#[test]
fn a_second_signal_ends_both_at_once() {
    let _alone = SIGNALS.lock().unwrap_or_else(PoisonError::into_inner);
    let stubborn = sh("trap '' TERM; kill -TERM $PPID; while :; do sleep 1; done");
    let stop = sh("kill -TERM $PPID; exec sleep 600");
    let runner = Runner::new(false);
    runner.watch_signals().unwrap();
    let ended = runner.run_stoppable(&stubborn, &stop);
    assert!(matches!(ended, Err(Error::Interrupted { signal: 15 })), "{ended:?}");
}

#[test]
fn a_launched_program_is_not_waited_for() {
    let sleeps = Runner::new(false).launch(&sh("exec sleep 20"), Duration::from_millis(100)).unwrap();
    assert_eq!(sleeps, None);
    let status = Runner::new(false).launch(&sh("exit 3"), Duration::from_secs(60)).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(3));
}
