//! How long publish-image goes on if AWS does not respond.

use std::time::{Duration, Instant};

use dockerutils_testbed::bench::{Comparison, Rounds, ms, seconds};
use dockerutils_testbed::ecr::{ApiFault, Endpoint};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fixture::Fixture;

/// Measures from Ctrl-C to the end, while AWS does not respond.
pub(crate) fn stop(fixture: &Fixture) -> Comparison {
    let [time] = Rounds { warm_up: 2, counted: 5 }.medians(|_| {
        let endpoint = Endpoint::start(None, [("*", ApiFault::NoResponse)]);
        let mut child = fixture.publish_at(&endpoint.url()).spawn().unwrap();
        endpoint.wait_for_actions(3);
        // All three calls have been received; now they wait.
        std::thread::sleep(Duration::from_millis(100));
        let begin = Instant::now();
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        child.wait().unwrap();
        begin.elapsed().as_secs_f64()
    });
    Comparison {
        what: "Ctrl-C while AWS does not respond".to_owned(),
        measured: ms(time),
        reference: "–".to_owned(),
        result: ms(time),
        target: "1000 ms".to_owned(),
    }
}

/// Measures until the error, if every call is throttled, and if no call gets a response.
pub(crate) fn silence(fixture: &Fixture) -> Comparison {
    let [throttled, silent] = [ApiFault::throttling(), ApiFault::NoResponse].map(|fault| {
        let endpoint = Endpoint::start(None, [("*", fault)]);
        let begin = Instant::now();
        assert!(!fixture.publish_at(&endpoint.url()).status().unwrap().success());
        begin.elapsed().as_secs_f64()
    });
    Comparison {
        what: "an endpoint that never responds, until the error".to_owned(),
        measured: seconds(silent),
        reference: format!("one that throttles {}", seconds(throttled)),
        result: seconds(silent),
        target: "30 s".to_owned(),
    }
}
