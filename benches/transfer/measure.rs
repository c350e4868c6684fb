//! Times and peaks of commands.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Runs that are not counted, first.
const WARM_UP: usize = 1;
/// Runs that are counted. A transfer takes seconds: the machine's moods are short beside it.
const RUNS: usize = 3;

/// The medians of ways that take turns, in seconds; who goes first changes with every turn. Before each there is time to
/// put things back as they were.
pub(crate) fn in_turns<const N: usize>(mut prepare: impl FnMut(), mut ways: [Command; N]) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    for run in 0..WARM_UP + RUNS {
        for step in 0..N {
            let which = (run + step) % N;
            prepare();
            let time = time(&mut ways[which]);
            if run >= WARM_UP {
                times[which].push(time);
            }
        }
    }
    times.map(median)
}

/// The time of a command that must succeed, in seconds.
pub(crate) fn time(command: &mut Command) -> f64 {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|err| panic!("{command:?}: {err}"));
    let time = begin.elapsed().as_secs_f64();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    time
}

/// The most memory that the command itself has held at once, in bytes, as the kernel counts it; see proc(5), `VmHWM`.
pub(crate) fn peak(command: &mut Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    // It never falls: what is read last is all that there was, less the last few milliseconds.
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kib.map_or(peak, |kib| kib * 1024);
        thread::sleep(Duration::from_millis(3));
    }
    assert!(child.wait().unwrap().success(), "{command:?}");
    peak
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    f64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2])
}
