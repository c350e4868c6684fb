//! How long it goes on where AWS does not answer.

use std::time::{Duration, Instant};

use dockerutils_testbed::ecr::{ApiFault, Endpoint};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::measure::in_turns;
use crate::setting::Setting;
use crate::table::Row;

/// From Ctrl-C to the end, while AWS says nothing.
pub(crate) fn stop(setting: &Setting) -> Row {
    let [time] = in_turns(5, |_| {
        let endpoint = Endpoint::start(None, [("*", ApiFault::NoResponse)]);
        let mut child = setting.publish_at(&endpoint.url()).spawn().unwrap();
        endpoint.wait_for_actions(3);
        std::thread::sleep(Duration::from_millis(100));
        let begin = Instant::now();
        kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        child.wait().unwrap();
        begin.elapsed().as_secs_f64() * 1e3
    });
    Row {
        what: "Ctrl-C while AWS says nothing",
        ours: format!("{time:.0} ms"),
        beside: "–".to_owned(),
        held: format!("{time:.0} ms"),
        bar: "1000 ms",
    }
}

/// To the error, where every call is throttled, and where none is answered.
pub(crate) fn silence(setting: &Setting) -> Row {
    let [throttled, silent] = [ApiFault::throttling(), ApiFault::NoResponse].map(|fault| {
        let endpoint = Endpoint::start(None, [("*", fault)]);
        let begin = Instant::now();
        assert!(!setting.publish_at(&endpoint.url()).status().unwrap().success());
        begin.elapsed().as_secs_f64()
    });
    Row {
        what: "an endpoint that never answers, to the error",
        ours: format!("{silent:.1} s"),
        beside: format!("one that throttles {throttled:.1} s"),
        held: format!("{silent:.1} s"),
        bar: "30 s",
    }
}
