//! A project with a notebook, an engine that has its image, and what is measured of both.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dockerutils_testbed::bench::seconds_of;
use dockerutils_testbed::{Engine, Unavailable, Version};
use dockerutils_testkit::{Project, Service};

const DOCKERFILE: &str = "FROM jupyter:latest\nENV HOME=/tmp\nWORKDIR /workspace\n";
pub(crate) const CFG: &str = "[notebook]\nvolumes=-v {project_root}:/workspace\nuser=host\n";
const BODY: &str = r#"{"type":"notebook","format":"json","content":{"cells":[{"cell_type":"code","execution_count":1,"metadata":{},
"source":"1","outputs":[]}],"metadata":{},"nbformat":4,"nbformat_minor":4}}"#;
const TOKEN: &str = "benchmark";

/// Records when it was started, and opens the address as a browser does.
const BROWSER: &str = "#!/bin/bash
echo \"$EPOCHREALTIME\" >\"${0%/*}/opened\"
address=${1#http://} host=${1#http://} host=${host%%/*}
exec 3<>\"/dev/tcp/${host%:*}/${host#*:}\"
printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' \"${address#*/}\" >&3
cat <&3 >/dev/null
";

/// A docker that has no containers, and records when it is called.
const RECORDING: &str = "#!/bin/bash
begin=$EPOCHREALTIME
[ \"$1\" != image ] || echo '[]'
echo \"$1 $begin $EPOCHREALTIME\" >>\"${0%/*}/calls\"
";

/// Returns a project with a notebook, in which `browser` is the browser.
pub(crate) fn project() -> Project {
    Project::named("bench")
        .cfg(CFG)
        .dockerfile("notebook", DOCKERFILE)
        .executable("browser", BROWSER)
        .executable("recording/docker", RECORDING)
}

pub(crate) struct Fixture {
    engine: Engine,
    project: Project,
    port: u16,
}

/// A notebook in the background, which is stopped when it is dropped.
pub(crate) struct Detached<'f>(&'f Fixture);

impl Drop for Detached<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Fixture {
    pub(crate) fn new() -> Result<Self, Unavailable> {
        let engine = Engine::start(Version::V20)?;
        engine.import_jupyter("jupyter:latest");
        let project = project();
        fs::set_permissions(project.root(), fs::Permissions::from_mode(0o777))?;
        let free = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let fixture = Fixture { engine, project, port: free };
        let mut build = fixture.command("build-image");
        seconds_of(build.arg("notebook"));
        Ok(fixture)
    }

    fn command(&self, name: &str) -> Command {
        let folder = PathBuf::from(env!("CARGO_BIN_EXE_run-notebook"));
        let mut command = Command::new(folder.with_file_name(name));
        command.current_dir(self.project.root()).envs(self.engine.environment());
        command.env("HOME", self.project.home()).env("USER", "tester").env("BROWSER", self.browser());
        command.env("JUPYTER_TOKEN", TOKEN).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn browser(&self) -> PathBuf {
        self.project.root().join("browser")
    }

    /// Returns the seconds from the start of the command until it calls `docker run`, without those of docker's other calls.
    pub(crate) fn own_seconds(&self) -> f64 {
        let folder = self.project.root().join("recording");
        let path = env::join_paths([folder.clone(), "/usr/bin".into(), "/bin".into()]).expect("a PATH");
        let calls = folder.join("calls");
        let _ = fs::remove_file(&calls);
        let mut command = self.command("run-notebook");
        command.args(["--no-build", "--no-browser"]).env("PATH", path);
        let start = SystemTime::now().duration_since(UNIX_EPOCH).expect("the time").as_secs_f64();
        seconds_of(&mut command);
        let mut own = -start;
        for line in fs::read_to_string(calls).expect("calls of docker").lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let time = |index: usize| words[index].parse::<f64>().expect("a time");
            if words[0] == "run" {
                return own + time(1);
            }
            own -= time(2) - time(1);
        }
        panic!("docker run was not called");
    }

    /// Configures the notebook with further keys.
    pub(crate) fn configure(&self, keys: &str) {
        let _ = self.project.clone().cfg(format!("{CFG}{keys}"));
    }

    pub(crate) fn run_notebook(&self, flags: &[&str]) -> Command {
        let mut command = self.command("run-notebook");
        command.args(["--no-build"]).args(flags);
        if self.is_free() {
            command.args(["--port", &self.port.to_string()]);
        }
        command
    }

    fn is_free(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port)).is_err()
    }

    pub(crate) fn detached(&self, variables: &[(&str, &str)]) -> Detached<'_> {
        let mut command = self.run_notebook(&["-d", "--no-browser"]);
        seconds_of(command.envs(variables.iter().copied()));
        Detached(self)
    }

    pub(crate) fn stop(&self) {
        seconds_of(self.command("run-notebook").arg("--stop"));
    }

    pub(crate) fn seconds_of_docker_ps(&self) -> f64 {
        seconds_of(self.engine.command().arg("ps").stdout(Stdio::null()))
    }

    pub(crate) fn wait_for_jupyter(&self) -> Instant {
        while !self.request("GET", "/api/status", "").is_some_and(|answer| answer.contains(" 200 ")) {
            thread::sleep(Duration::from_millis(2));
        }
        Instant::now()
    }

    /// Waits for the file that the browser writes, and removes it.
    pub(crate) fn wait_for_browser(&self) -> Instant {
        let opened = self.project.root().join("opened");
        while fs::remove_file(&opened).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        Instant::now()
    }

    /// Saves a notebook and returns the seconds.
    pub(crate) fn save(&self) -> f64 {
        let start = Instant::now();
        let answer = self.request("PUT", "/api/contents/a.ipynb", BODY).expect("a response");
        assert!(answer.contains(" 200 ") || answer.contains(" 201 "), "{answer}");
        start.elapsed().as_secs_f64()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let (port, length) = (self.port, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: token {TOKEN}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

/// Returns the seconds of the processor that a process has used.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Returns the largest memory of a process in megabytes.
pub(crate) fn peak_memory(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
