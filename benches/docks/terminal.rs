//! Terminals: a bash that is docked for as long as it lives, and the time that a line of bash takes.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::fixture::shell_dock;

/// A docked terminal; it casts off when it is dropped.
pub(crate) struct Terminal {
    bash: Child,
    input: Option<ChildStdin>,
    /// The value of DOCKER_HOST in it.
    pub(crate) host: String,
}

impl Terminal {
    pub(crate) fn docked_to(name: &str) -> Self {
        let script = "source \"$0\" \"$1\" 2>/dev/null && echo \"$DOCKER_HOST\" && read -r _; castoff";
        let mut bash = bash(script)
            .arg(name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut host = String::new();
        BufReader::new(bash.stdout.take().unwrap()).read_line(&mut host).unwrap();
        assert!(!host.is_empty(), "`source dock {name}` failed");
        Terminal { input: bash.stdin.take(), bash, host: host.trim_end().to_owned() }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.input = None;
        self.bash.wait().unwrap();
    }
}

/// Returns the time of a line of bash in seconds, without the start of bash itself; castoff follows if the line docks.
pub(crate) fn seconds_of_line(line: &str) -> f64 {
    let script = format!(
        "begin=$EPOCHREALTIME; {line} || exit; end=$EPOCHREALTIME; \
         echo $((${{end/[.,]/}} - ${{begin/[.,]/}})); [ -z \"${{DOCKER_HOST-}}\" ] || castoff"
    );
    let output = bash(&script).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {}\n{stderr}", output.status);
    String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap() / 1e6
}

/// Returns a bash whose `$0` is shell/dock.
fn bash(script: &str) -> Command {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script]).arg(shell_dock());
    bash
}
