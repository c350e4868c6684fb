//! Times and peaks of children.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// Runs that are not counted, first.
const WARM_UP: usize = 5;
/// The first argument of this very program when it is asked for a child's peak.
const PEAK_PROBE: &str = "--peak-of";

/// The medians of two commands that take turns, in milliseconds.
pub(crate) fn beside(runs: usize, a: &mut Command, b: &mut Command) -> (f64, f64) {
    let mut times = (Vec::new(), Vec::new());
    for run in 0..WARM_UP + runs {
        // Who goes first has no advantage.
        let b_early = (run % 2 == 1).then(|| time_ms(b));
        let a = time_ms(a);
        let b = b_early.unwrap_or_else(|| time_ms(b));
        if run >= WARM_UP {
            times.0.push(a);
            times.1.push(b);
        }
    }
    (median(times.0), median(times.1))
}

/// The median of a command, in milliseconds.
pub(crate) fn median_ms(runs: usize, command: &mut Command) -> f64 {
    let mut times: Vec<f64> = (0..WARM_UP + runs).map(|_| time_ms(command)).collect();
    median(times.split_off(WARM_UP))
}

fn time_ms(command: &mut Command) -> f64 {
    let begin = Instant::now();
    let status = command.status().unwrap_or_else(|err| panic!("{command:?}: {err}"));
    let time = begin.elapsed().as_secs_f64() * 1e3;
    assert!(status.success(), "{command:?}: {status}");
    time
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    f64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2])
}

/// The most memory that the command, or a child that it waits for, has held at once, in MB.
///
/// A child starts with the peak of whoever starts it, so it is started by a fresh copy of this program: what that copy
/// holds is the least that can be seen.
pub(crate) fn peak_mb(command: &Command) -> f64 {
    let mut probe = Command::new(std::env::current_exe().unwrap());
    probe.arg(PEAK_PROBE).arg(command.get_program()).args(command.get_args());
    probe
        .current_dir(command.get_current_dir().unwrap())
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    probe.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = probe.output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap() * 1024.0 / 1e6
}

/// Whether this program was started by [`peak_mb`].
pub(crate) fn is_peak_probe() -> bool {
    std::env::args_os().nth(1).is_some_and(|arg| arg == PEAK_PROBE)
}

/// Runs the command that the arguments name, and prints its peak in KiB.
pub(crate) fn probe_peak() {
    let mut args = std::env::args_os().skip(2);
    let status = Command::new(args.next().unwrap()).args(args).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}
