//! Times of commands.

use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs that are not counted, first.
const WARM_UP: usize = 2;

/// The medians of commands that take turns, in milliseconds; who goes first changes with every turn.
pub(crate) fn medians<const N: usize>(runs: usize, mut commands: [Command; N]) -> [f64; N] {
    in_turns(runs, |which| time_ms(&mut commands[which]))
}

/// The medians of measurements that take turns.
pub(crate) fn in_turns<const N: usize>(runs: usize, mut measure: impl FnMut(usize) -> f64) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    for run in 0..WARM_UP + runs {
        for step in 0..N {
            let which = (run + step) % N;
            let time = measure(which);
            if run >= WARM_UP {
                times[which].push(time);
            }
        }
    }
    times.map(median)
}

/// The time of a command that must succeed, in milliseconds.
pub(crate) fn time_ms(command: &mut Command) -> f64 {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|err| panic!("{command:?}: {err}"));
    let time = begin.elapsed().as_secs_f64() * 1e3;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    time
}

/// How many of as many children at once fail.
pub(crate) fn failures_of(count: usize, command: &mut Command) -> usize {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let children: Vec<_> = (0..count).map(|_| command.spawn().unwrap()).collect();
    children.into_iter().filter_map(|mut child| (!child.wait().unwrap().success()).then_some(())).count()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    f64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2])
}
