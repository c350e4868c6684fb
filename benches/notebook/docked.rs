//! Notebooks on a dock behind a proxy that delays.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockerutils_testbed::bench::{Comparison, Table, median, ms};
use dockerutils_testbed::{Dock, Proxy, Unavailable, Version};
use dockerutils_testkit::Project;

use crate::fixture::project;

/// The delay in each direction.
const ONE_WAY: Duration = Duration::from_millis(25);

const ROUNDS: usize = 5;

type Measure = fn(&Fixture) -> Comparison;

const ROWS: [(&str, Measure); 4] = [
    ("docked-browser", browser),
    ("docked-second", second_call),
    ("docked-end", end),
    ("nb-dock", without_container),
];

/// Prints the rows that are wanted.
///
/// # Errors
/// Returns [`Unavailable`] if this machine cannot have a dock.
pub(crate) fn print(table: &Table, is_wanted: impl Fn(&&str) -> bool) -> Result<(), Unavailable> {
    let rows: Vec<_> = ROWS.iter().filter(|(name, _)| is_wanted(name)).collect();
    if !rows.is_empty() {
        let fixture = Fixture::new()?;
        for (_, row) in rows {
            row(&fixture).print(table);
        }
    }
    Ok(())
}

struct Fixture {
    dock: Dock,
    far: Proxy,
    project: Project,
}

impl Fixture {
    fn new() -> Result<Self, Unavailable> {
        let dock = Dock::start("far", Version::V20)?;
        dock.import_jupyter("jupyter:latest");
        dock.unpack_jupyter();
        dock.link_jupyter("/usr/local/bin");
        let far = dock.proxy(ONE_WAY);
        let project = project();
        let runtime = runtime(&project);
        fs::create_dir(&runtime)?;
        fs::set_permissions(&runtime, Permissions::from_mode(0o700))?;
        let fixture = Fixture { dock, far, project };
        let port = fixture.far.address().port();
        fixture.bash(&format!(
            "register-dock --no-check --identity '{}' --port {port} 127.0.0.1 far",
            fixture.dock.key().display()
        ));
        Ok(fixture)
    }

    /// Runs a script in bash and returns the seconds that it prints, one a line.
    fn bash(&self, script: &str) -> Vec<f64> {
        let commands = Path::new(env!("CARGO_BIN_EXE_run-notebook")).parent().expect("a folder");
        let shell = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
        let rest = std::env::split_paths(&self.dock.path()).collect::<Vec<_>>();
        let path = [commands.to_owned(), shell].into_iter().chain(rest);
        let mut bash = Command::new("bash");
        bash.args(["--norc", "--noprofile", "-c", script])
            .current_dir(self.project.root())
            .env("PATH", std::env::join_paths(path).expect("a PATH"))
            .env("HOME", self.project.home())
            .env("XDG_RUNTIME_DIR", runtime(&self.project))
            .env("USER", "tester")
            .env("LOGNAME", "tester")
            .env("BROWSER", self.project.root().join("browser"));
        let output = bash.stdin(Stdio::null()).output().expect("bash");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {}\n{stderr}", output.status);
        String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.parse().ok()).collect()
    }
}

fn runtime(project: &Project) -> PathBuf {
    project.home().parent().expect("the folder of the home").join("run")
}

/// Prints the seconds that a command takes, whose output is not shown.
const MEASURE: &str = r#"
measure() {
    local begin=$EPOCHREALTIME
    "$@" >/dev/null 2>&1 </dev/null || echo failed
    local end=$EPOCHREALTIME
    echo "$begin $end" | awk '{ print $2 - $1 }'
}
"#;

/// Prints when the server on the dock first accepts the token, by the clock of this machine.
const FIRST_RESPONSE: &str = r#"
import time, urllib.request
request = urllib.request.Request("http://127.0.0.1:8890/api/status", headers={"Authorization": "token benchmark"})
while True:
    try:
        urllib.request.urlopen(request, timeout=2)
        break
    except OSError:
        time.sleep(0.002)
print(time.time())
"#;

/// From the first response of Jupyter to its token, on the dock itself, until the browser's command runs.
fn browser(fixture: &Fixture) -> Comparison {
    let _ = fixture.project.clone().cfg(format!("{}ports_docked=-p 8890:8888\n", crate::fixture::CFG));
    fixture.bash("source dock far >/dev/null && sync-up >/dev/null && build-image notebook >/dev/null");
    let delay = || {
        let mut poll = fixture.dock.command("python3");
        let poll = poll.args(["-c", FIRST_RESPONSE]).stdout(Stdio::piped()).spawn().expect("python3");
        let opened = fixture.bash(
            "source dock far >/dev/null && export JUPYTER_TOKEN=benchmark || exit
             rm -f opened; run-notebook --no-build >/dev/null 2>&1 </dev/null &
             until [ -s opened ]; do sleep 0.01; done
             cat opened; run-notebook --stop >/dev/null 2>&1; wait",
        );
        let responded = poll.wait_with_output().expect("an end").stdout;
        let responded: f64 = String::from_utf8_lossy(&responded).trim().parse().expect("a time");
        (opened[0] - responded).max(0.0)
    };
    let measured = median((0..ROUNDS).map(|_| delay()).collect());
    let _ = fixture.project.clone().cfg(crate::fixture::CFG);
    Comparison {
        what: "docked, 50 ms away: Jupyter responds → browser's command".to_owned(),
        measured: ms(measured),
        reference: String::new(),
        result: ms(measured),
        target: "200 ms".to_owned(),
    }
}

/// From the start of a second call until the browser has opened the notebook, and the command has ended.
fn second_call(fixture: &Fixture) -> Comparison {
    let seconds = fixture.bash(&format!(
        "{MEASURE} source dock far >/dev/null && run-notebook -d --no-browser >/dev/null || exit
         run-notebook >/dev/null
         for round in {{1..{ROUNDS}}}; do measure run-notebook; measure docker ps; done
         run-notebook --stop >/dev/null"
    ));
    let (measured, docker) = (median_of(&seconds, 0), median_of(&seconds, 1));
    Comparison {
        what: "docked, 50 ms away: second call → browser".to_owned(),
        measured: ms(measured),
        reference: format!("`docker ps` there {}", ms(docker)),
        result: ms(measured),
        target: "300 ms".to_owned(),
    }
}

/// From the end of the container until the prompt, with nothing to fetch, beside sync-down alone.
fn end(fixture: &Fixture) -> Comparison {
    let _ = fixture.project.clone().cfg(format!("{}cmd=true\n", crate::fixture::CFG));
    // The same container without a sync: the difference is what comes after docker.
    let seconds = fixture.bash(&format!(
        "{MEASURE} source dock far >/dev/null && sync-up >/dev/null || exit
         build-image notebook >/dev/null
         for round in {{1..{ROUNDS}}}; do
             measure run-notebook --no-build --no-browser
             measure run-notebook --no-build --no-browser --no-sync
             measure sync-up; measure sync-down
         done"
    ));
    let [with, without, up, down] = [0, 1, 2, 3].map(|index| every(&seconds, 4, index));
    let after = with - without - up;
    Comparison {
        what: "docked: docker's end → prompt".to_owned(),
        measured: ms(after),
        reference: format!("sync-down {}", ms(down)),
        result: format!("+{}", ms((after - down).max(0.0))),
        target: "+50 ms".to_owned(),
    }
}

/// `nb-dock` that finds a server which runs, with an open connection.
fn without_container(fixture: &Fixture) -> Comparison {
    let seconds = fixture.bash(&format!(
        "{MEASURE} source dock far >/dev/null && nb-dock --no-browser >/dev/null || exit
         for round in {{1..{ROUNDS}}}; do measure nb-dock; measure ssh-dock -- true; done
         nb-dock --stop >/dev/null"
    ));
    let (measured, ssh) = (median_of(&seconds, 0), median_of(&seconds, 1));
    Comparison {
        what: "nb-dock, 50 ms away: a server runs → browser".to_owned(),
        measured: ms(measured),
        reference: format!("`ssh-dock -- true` {}", ms(ssh)),
        result: ms(measured),
        target: "400 ms".to_owned(),
    }
}

/// Returns the median of every second value.
fn median_of(seconds: &[f64], first: usize) -> f64 {
    every(seconds, 2, first)
}

/// Returns the median of every value at this place among so many.
fn every(seconds: &[f64], count: usize, index: usize) -> f64 {
    median(seconds.iter().skip(index).step_by(count).copied().collect())
}
