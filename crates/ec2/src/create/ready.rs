//! Waiting until ssh responds with the host key of the console, cloud-init has ended and docker responds.

use std::fmt;
use std::time::{Duration, Instant};

use dockerutils_command::{Command, EchoLevel, Runner, TimedOutput};
use dockerutils_dock::{Dock, probe};
use dockerutils_ssh::{is_ssh_failure, last_line};

use super::attempt::Finish;
use super::{CreateError, console_keys};
use crate::calls::GetConsoleOutput;
use crate::{IDLE_TIMER, Result};

/// The pause between two looks at the console, and how long it may stay empty once ssh responds.
const CONSOLE_PAUSE: Duration = Duration::from_secs(5);
const CONSOLE_PATIENCE: Duration = Duration::from_secs(60);

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How many of the last lines of the console are printed if the machine does not become ready.
const LAST_LINES: usize = 20;

/// Waits for cloud-init on the machine. An image without cloud-init has nothing to wait for.
const WAIT: &str = "if command -v cloud-init >/dev/null 2>&1; then cloud-init status --wait; fi";

/// Waits until docker responds on the dock.
pub(super) async fn wait_until_ready(finish: &Finish<'_, '_>, dock: &Dock, start: Instant) -> Result {
    let waiting =
        Waiting { finish, dock, runner: finish.account.runner().clone().with_echo_level(EchoLevel::Docker) };
    let deadline = start + Duration::from_secs(60 * u64::from(finish.timeout.get()));
    let has_console_key = waiting.until_ssh_responds(deadline).await?;
    let key = if has_console_key {
        "host key as on its console"
    } else {
        "the console has no host key, so the first one was accepted"
    };
    finish
        .account
        .note(format!("ssh responds after {} s, {key}; installing docker …", start.elapsed().as_secs()));
    match waiting.until_docker_responds(deadline).await {
        Ok(version) => {
            finish.account.note(format!(
                "{} is ready after {}, with docker {version}: source dock {0}",
                dock.moniker,
                duration(start.elapsed())
            ));
            Ok(())
        }
        Err(error) => {
            if !error.is_interrupted() {
                waiting.show_console().await;
            }
            Err(error)
        }
    }
}

/// Returns `2 min 3 s`.
fn duration(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// A version of docker's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ApiVersion(u32, u32);

impl ApiVersion {
    fn parse(output: &[u8]) -> Option<Self> {
        let (major, minor) = str::from_utf8(output).ok()?.trim().split_once('.')?;
        Some(ApiVersion(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// How far the machine is.
enum Progress {
    /// Everything runs; with docker's version.
    Ready(String),
    /// The reason why it is not ready yet.
    NotYet(String),
}

/// Returns the exit status of a command on the machine; `None` if ssh did not run it to its end.
fn exit_status(output: &TimedOutput) -> Option<i32> {
    output.status?.code().filter(|code| !is_ssh_failure(Some(*code)))
}

/// Returns why ssh did not run a command to its end.
fn ssh_fault(output: &TimedOutput) -> String {
    match output.status {
        Some(_) => last_line(&output.stderr),
        None => "ssh has not responded".to_owned(),
    }
}

struct Waiting<'a, 'b, 'c> {
    finish: &'a Finish<'b, 'c>,
    dock: &'a Dock,
    /// Runs ssh again and again without an echo.
    runner: Runner,
}

impl Waiting<'_, '_, '_> {
    fn id(&self) -> String {
        self.dock.identity().to_owned()
    }

    /// Waits until a command runs on the machine, and returns whether its host key was on the console.
    async fn until_ssh_responds(&self, deadline: Instant) -> Result<bool> {
        let account = self.finish.account;
        let (mut key, mut next_look, mut responding_since) = (false, Instant::now(), None);
        loop {
            if !key && Instant::now() >= next_look {
                key = self.take_console_key().await?;
                next_look = Instant::now() + CONSOLE_PAUSE;
            }
            let may_accept = !self.finish.requires_console_key
                && responding_since.is_some_and(|since: Instant| since.elapsed() >= CONSOLE_PATIENCE);
            let output = self.ssh("true", CONNECT, key || may_accept)?;
            if output.status.is_some_and(|status| status.success()) {
                return Ok(key);
            }
            let reason = last_line(&output.stderr);
            // Without a known key ssh ends at the host key, which means that there is an sshd.
            if reason.contains("Host key verification failed") {
                responding_since.get_or_insert_with(Instant::now);
            }
            if Instant::now() >= deadline {
                let timeout = self.finish.timeout.to_string();
                return Err(CreateError::NoResponse { instance: self.id(), timeout, reason }.into());
            }
            account.pause(Duration::from_secs(1)).await?;
        }
    }

    /// Stores the host keys of the console, and returns whether there are any.
    async fn take_console_key(&self) -> Result<bool> {
        let console = match self.finish.account.call(&GetConsoleOutput(self.id())).await {
            Err(error) if error.is_interrupted() => return Err(error),
            // Without the permission, or on a type whose console is not shown at once, the first key is accepted later.
            console => console.unwrap_or_default(),
        };
        let keys = console_keys::parse(&console);
        if !keys.is_empty() {
            self.finish.docks.set_host_keys(self.dock, &keys)?;
        }
        Ok(!keys.is_empty())
    }

    /// Waits for cloud-init and docker, and returns docker's version.
    async fn until_docker_responds(&self, deadline: Instant) -> Result<String> {
        loop {
            let fault = match self.progress(deadline)? {
                Progress::Ready(version) => return Ok(version),
                Progress::NotYet(fault) => fault,
            };
            if Instant::now() >= deadline {
                return Err(self.not_ready(format!("docker does not: {fault}")));
            }
            self.finish.account.pause(Duration::from_secs(1)).await?;
        }
    }

    /// Waits for cloud-init, and checks everything that it has prepared.
    fn progress(&self, deadline: Instant) -> Result<Progress> {
        let left = deadline.saturating_duration_since(Instant::now()).max(CONNECT);
        let waited = self.ssh(WAIT, left, true)?;
        // Docker may respond before cloud-init has ended, so the answer of cloud-init is needed first.
        let Some(status) = exit_status(&waited) else { return Ok(Progress::NotYet(ssh_fault(&waited))) };
        // 2 means that cloud-init has ended with warnings.
        if !matches!(status, 0 | 2) {
            return Err(self.not_ready(format!("cloud-init failed: {}", last_line(&waited.stdout))));
        }
        let probed = probe(self.finish.docks, std::slice::from_ref(self.dock), CONNECT, &self.runner)?.pop();
        match probed.map(|probe| probe.state) {
            Some(Ok(version)) => {
                self.check_api()?;
                self.check_timer(version)
            }
            Some(Err(fault)) => Ok(Progress::NotYet(fault.sentence(self.dock))),
            None => Ok(Progress::NotYet(String::new())),
        }
    }

    /// Checks that the timer runs which stops an idle machine: without it, a forgotten machine costs money for ever.
    fn check_timer(&self, version: String) -> Result<Progress> {
        if !self.finish.stops_itself {
            return Ok(Progress::Ready(version));
        }
        let output = self.ssh(&format!("systemctl is-active {IDLE_TIMER}"), CONNECT, true)?;
        match exit_status(&output) {
            Some(0) => Ok(Progress::Ready(version)),
            Some(_) => Err(self.not_ready(format!("its timer {IDLE_TIMER} is not active"))),
            None => Ok(Progress::NotYet(ssh_fault(&output))),
        }
    }

    /// Checks that the docker of this machine is new enough for the engine of the dock.
    fn check_api(&self) -> Result {
        let (Some(client), Some(engine)) = (self.client_api()?, self.oldest_api()?) else { return Ok(()) };
        if client >= engine {
            return Ok(());
        }
        Err(self.not_ready(format!(
            "its docker accepts version {engine} of docker's API and later ones, and the docker of this machine has version \
             {client}: install a newer one here"
        )))
    }

    /// Returns the version of the API that the docker of this machine has; `None` if it has none.
    fn client_api(&self) -> Result<Option<ApiVersion>> {
        let version = Command::new("docker").args(["version", "--format", "{{.Client.APIVersion}}"]);
        // Without an engine: with one, docker reports the version that both have.
        let version = version.env("DOCKER_HOST", "unix:///dockerutils/none");
        match self.runner.run_parallel(&[version], CONNECT) {
            Err(error @ dockerutils_command::Error::Interrupted { .. }) => Err(error.into()),
            Err(_) => Ok(None),
            Ok(outputs) => Ok(outputs.first().and_then(|output| ApiVersion::parse(&output.stdout))),
        }
    }

    /// Returns the oldest version of the API that the engine of the dock accepts, if it is known.
    fn oldest_api(&self) -> Result<Option<ApiVersion>> {
        let output = self.ssh("docker version --format '{{.Server.MinAPIVersion}}'", CONNECT, true)?;
        Ok(ApiVersion::parse(&output.stdout))
    }

    fn not_ready(&self, reason: String) -> crate::Error {
        CreateError::NotReady { name: self.dock.moniker.to_string(), instance: self.id(), reason }.into()
    }

    /// Runs a command on the machine.
    fn ssh(&self, script: &str, timeout: Duration, may_accept_key: bool) -> Result<TimedOutput> {
        self.finish.docks.refresh_ssh_files(self.dock);
        // An option comes before the file of the dock, which accepts new keys.
        let checking = if may_accept_key { "accept-new" } else { "yes" };
        let command: Command = self
            .finish
            .docks
            .ssh(self.dock)
            .args(["-o", "BatchMode=yes", "-o", &format!("StrictHostKeyChecking={checking}")])
            .arg("--")
            .arg(self.dock.destination())
            .arg(script);
        let mut outputs = self.runner.run_parallel(&[command], timeout)?;
        outputs.pop().ok_or_else(|| self.not_ready("ssh was not run".to_owned()))
    }

    /// Prints the end of the console, which contains the reason if cloud-init failed.
    async fn show_console(&self) {
        let Ok(console) = self.finish.account.call(&GetConsoleOutput(self.id())).await else { return };
        let lines: Vec<&str> = console.lines().collect();
        for line in &lines[lines.len().saturating_sub(LAST_LINES)..] {
            self.finish.account.note(format!("console: {}", line.trim_end()));
        }
    }
}
