//! Probes: whether docks respond, and docker on them. All docks are probed in parallel, each once.
//!
//! A probe never prompts the user and never uses a connection that is already open.

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner, TimedOutput};
use dockerutils_ssh::{portable_script, remote_command};
use serde::Deserialize;

use crate::{Dock, DockFault, Docks, IDLE_FILE, IdleState, engines};

/// How long `ssh-keygen` may take to read a key file.
const KEYGEN_TIMEOUT: Duration = Duration::from_secs(10);

/// The result of probing one dock.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The version of its docker engine, or why it cannot be used.
    pub state: Result<String, DockFault>,
    /// The time from the start of ssh until docker responded.
    pub took: Duration,
    /// What its idle timer found last, if it is a dock on EC2 that has one.
    pub idle: Option<IdleState>,
    /// The fingerprint of its host key, if the probe accepted the key for the first time.
    pub new_key: Option<String>,
}

/// Probes these docks and returns the results in the same order; in a dry run there are none.
///
/// # Errors
/// Fails if ssh is not installed, or if a signal interrupted us.
pub fn probe(docks: &Docks, list: &[Dock], timeout: Duration, runner: &Runner) -> Result<Vec<Probe>, Error> {
    if !runner.is_dry_run() {
        list.iter().for_each(|dock| docks.refresh_ssh_files(dock));
    }
    let is_new: Vec<bool> = list.iter().map(|dock| !docks.has_known_host_key(dock)).collect();
    let commands: Vec<Command> = list.iter().map(|dock| probe_command(docks, dock)).collect();
    let outputs = runner.run_parallel(&commands, timeout)?;
    let mut probes: Vec<Probe> = list
        .iter()
        .zip(outputs)
        .map(|(dock, output)| Probe {
            state: state(docks, dock, &output),
            took: output.took,
            idle: idle(&output),
            new_key: None,
        })
        .collect();
    probe_other_engines(docks, list, &mut probes, timeout, runner)?;
    let accepted: Vec<usize> =
        (0..probes.len()).filter(|index| is_new[*index] && docks.has_known_host_key(&list[*index])).collect();
    if !accepted.is_empty() {
        let commands: Vec<Command> =
            accepted.iter().map(|index| fingerprint_command(docks, &list[*index])).collect();
        for (index, output) in accepted.into_iter().zip(runner.run_parallel(&commands, KEYGEN_TIMEOUT)?) {
            probes[index].new_key = fingerprint(&output);
        }
    }
    Ok(probes)
}

/// Probes the docks once more whose usual engine does not respond, or not to this user: another may, or sudo helps.
fn probe_other_engines(
    docks: &Docks,
    list: &[Dock],
    probes: &mut [Probe],
    timeout: Duration,
    runner: &Runner,
) -> Result<(), Error> {
    let may_help = |probe: &Probe| {
        use DockFault::{EngineDown, NoDocker, NotInDockerGroup};
        matches!(&probe.state, Err(EngineDown | NoDocker | NotInDockerGroup))
    };
    let failed: Vec<usize> = (0..probes.len()).filter(|index| may_help(&probes[*index])).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let script = portable_script(&engines::print_version(), []).unwrap_or_default();
    let command = |index: &usize| {
        let dock = &list[*index];
        let ssh = docks.ssh_for_probe(dock).arg("--").arg(dock.destination());
        docks.add_line(ssh, dock, "find-engine", &script, runner)
    };
    let commands: Vec<Command> = failed.iter().map(command).collect();
    for (index, output) in failed.into_iter().zip(runner.run_parallel(&commands, timeout)?) {
        if let Ok(version) = state(docks, &list[index], &output) {
            probes[index].state = Ok(version);
        }
    }
    Ok(())
}

/// Returns the command with which [`probe`] checks a dock.
pub fn probe_command(docks: &Docks, dock: &Dock) -> Command {
    let ssh = docks.ssh_for_probe(dock).arg("--").arg(dock.destination());
    if let Some(socket) = &dock.socket {
        // Not by DOCKER_HOST: csh and fish have another syntax for that.
        return ssh.arg(format!("docker -H unix://{socket} version -f '{{{{json .}}}}'"));
    }
    match dock.instance_id {
        // With what its idle timer found. The status stays that of docker.
        Some(_) => {
            let script =
                format!("docker version -f \"{{{{json .}}}}\"; s=$?; cat {IDLE_FILE} 2>/dev/null; exit $s");
            ssh.arg(remote_command(["sh", "-c", &script]).unwrap_or_default())
        }
        None => ssh.arg("docker version -f '{{json .}}'"),
    }
}

/// Returns what the idle timer found, which is a line of its own.
fn idle(output: &TimedOutput) -> Option<IdleState> {
    output.stdout.split(|byte| *byte == b'\n').find_map(IdleState::parse)
}

fn state(docks: &Docks, dock: &Dock, output: &TimedOutput) -> Result<String, DockFault> {
    match output.status.map(|status| status.code()) {
        Some(Some(0)) => engine_version(&output.stdout).ok_or(DockFault::NoDocker),
        Some(code) => Err(DockFault::diagnose(code, &output.stderr, &docks.known_hosts(dock))),
        None => Err(DockFault::NO_RESPONSE),
    }
}

/// Returns the engine's version from docker's JSON. It is searched line by line, because a start-up file of the remote
/// shell may print lines of its own before.
fn engine_version(stdout: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Versions {
        #[serde(rename = "Server")]
        server: Server,
    }
    #[derive(Deserialize)]
    struct Server {
        #[serde(rename = "Version")]
        version: String,
    }
    let read = |line| serde_json::from_slice::<Versions>(line).ok();
    let version = stdout.split(|byte| *byte == b'\n').find_map(read)?.server.version;
    // The text comes from another machine and is printed in a table.
    let is_plain = !version.is_empty() && version.chars().all(|c| c.is_ascii_graphic());
    is_plain.then_some(version)
}

/// Returns the fingerprint of the dock's host key; `None` if no key is known.
///
/// # Errors
/// Fails if ssh-keygen is not installed, or if a signal interrupted us.
pub fn host_key(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Option<String>, Error> {
    let outputs = runner.run_parallel(&[fingerprint_command(docks, dock)], KEYGEN_TIMEOUT)?;
    Ok(outputs.iter().find_map(fingerprint))
}

fn fingerprint_command(docks: &Docks, dock: &Dock) -> Command {
    Command::new("ssh-keygen").arg("-lf").arg(docks.known_hosts(dock))
}

/// Returns `SHA256:… (ED25519)` from ssh-keygen's `256 SHA256:… host (ED25519)`.
fn fingerprint(output: &TimedOutput) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.lines().next()?.split_whitespace().collect();
    match words.as_slice() {
        [_bits, fingerprint, _host, .., kind] => Some(format!("{fingerprint} {kind}")),
        _ => None,
    }
}
