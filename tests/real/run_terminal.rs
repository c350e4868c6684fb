//! `run-image` in a terminal: Ctrl-C, input, and signals.

use dockerutils_testbed::engines;
use dockerutils_testkit::Signal;

use super::{containers, project, run};

#[test]
#[ignore = "needs root: private engine"]
fn ctrl_c_stops_and_removes_the_container() {
    for engine in engines() {
        let command = "sh -c 'test -t 0 && test -t 1 && echo ready; sleep 1000'";
        let terminal = run(&project("ctrl-c", ""), engine, &["ctrl-c", "-c", command]).spawn_in_terminal();
        terminal.wait_for("\nready");
        assert_eq!(containers(engine, "ctrl-c").len(), 1);
        terminal.interrupt();
        terminal.wait().status(130);
        assert!(containers(engine, "ctrl-c").is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn typed_input_reaches_the_container() {
    for engine in engines() {
        let terminal = run(&project("typed", ""), engine, &["typed", "-c", "sh"]).spawn_in_terminal();
        terminal.wait_for("# ");
        terminal.types("echo $((6 * 7)) is it; exit 5\r");
        terminal.wait().status(5).stderr_has("42 is it");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_signal_ends_the_container() {
    for engine in engines() {
        for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
            let command = "sh -c 'echo ready >&2; exec sleep 1000'";
            let running = run(&project("signalled", ""), engine, &["signalled", "-c", command]).spawn();
            running.wait_for_stderr("\nready");
            running.signal(signal);
            running.wait().status(status);
            assert!(containers(engine, "signalled").is_empty());
        }
    }
}
