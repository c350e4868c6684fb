//! What an exit status alone means. <https://docs.docker.com/engine/containers/run/#exit-status>

use super::Cause;

/// The names of signals on Linux, on which every container runs.
const SIGNALS: [(i64, &str); 12] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (13, "SIGPIPE"),
    (15, "SIGTERM"),
    (31, "SIGSYS"),
];

/// Returns the name of the signal that an exit status stands for.
pub fn signal_name(exit_code: i64) -> Option<&'static str> {
    SIGNALS.iter().find(|(number, _)| exit_code == 128 + number).map(|(_, name)| *name)
}

/// Returns the cause that an exit status stands for; `None` for a program's own status.
pub(super) fn exit_status_cause(exit_code: i64, image: &str) -> Option<Cause> {
    let shell = format!("`debug-image {image}` opens a shell in the image");
    let (id, what, remedy) = match exit_code {
        0 => (
            "ended",
            "its command has ended successfully",
            "a container lives as long as its command: run one that stays in the foreground. A shell ends at once without a \
             terminal"
                .to_owned(),
        ),
        125 => ("not-run", "docker could not run it", "remove what the engine's error names from the flags".to_owned()),
        126 => (
            "not-executable",
            "its command is a folder, or a file that this user must not execute",
            format!("make it executable in the Dockerfile, as in `RUN chmod +x FILE`: {shell}"),
        ),
        127 => (
            "not-found",
            "its command, or the interpreter in the first line of a script, does not exist in the image",
            format!("install it, or correct `cmd` or the Dockerfile's CMD; lines that end in CR LF are a cause, too: {shell}"),
        ),
        128 => ("not-started", "docker could not start it", "the engine's error names the reason".to_owned()),
        132 => (
            "illegal-instruction",
            "its program uses an instruction that the CPU of the engine's machine does not have",
            "install a build of the program for an older CPU, or run it on another machine".to_owned(),
        ),
        134 => ("aborted", "its program has aborted", "the log names the reason".to_owned()),
        137 => (
            "killed",
            "it was killed: by `docker kill`, by `docker stop` after 10 s, or by the kernel, for lack of memory of the machine",
            "`dmesg` on the engine's machine names processes that were killed for lack of memory; for `docker stop`, let the \
             program react to SIGTERM"
                .to_owned(),
        ),
        139 => (
            "segmentation-fault",
            "its program has crashed: it accessed memory that it does not have",
            format!(
                "update the program and its libraries; with Python, `-X faulthandler` prints where it happened: {shell}"
            ),
        ),
        130 | 143 => ("stopped", "it was stopped", "nothing is wrong, unless nobody has stopped it".to_owned()),
        _ => {
            let name = signal_name(exit_code)?;
            return Some(Cause::new("signal", format!("{name} ended it"), format!("the log may name the reason: {shell}")));
        }
    };
    Some(Cause::new(id, what, remedy))
}
