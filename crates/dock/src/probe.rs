//! Whether docks answer, and docker on them: all are asked at once, each once.
//!
//! A probe never asks the user for anything and uses no connection that is open already. It offers curve25519 first,
//! which costs a quarter of ssh's own choice: what it sends is no secret that is worth recording for later.

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner, TimedOutput};
use serde::Deserialize;

use crate::ssh::ssh;
use crate::{Dock, Docks, Trouble};

/// How long reading a key file may take.
const KEYGEN_LIMIT: Duration = Duration::from_secs(10);

/// What came of asking a dock.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The version of docker's engine there, or what is wrong.
    pub state: Result<String, Trouble>,
    /// From the start of ssh to the answer of docker.
    pub took: Duration,
    /// The fingerprint of its host key, where it was seen for the first time and is trusted from now on.
    pub new_key: Option<String>,
}

/// Asks these docks; answers in their order. Under a dry run nobody answers.
///
/// # Errors
/// There is no ssh here, or we were told to stop.
pub fn probe(docks: &Docks, asked: &[Dock], limit: Duration, runner: &Runner) -> Result<Vec<Probe>, Error> {
    let unmet: Vec<bool> = asked.iter().map(|dock| !docks.has_met(dock)).collect();
    let questions: Vec<Command> = asked.iter().map(|dock| question(docks, dock, limit)).collect();
    let answers = runner.run_parallel(&questions, limit)?;
    let mut probes: Vec<Probe> = asked
        .iter()
        .zip(answers)
        .map(|(dock, answer)| Probe {
            state: verdict(docks, dock, &answer),
            took: answer.took,
            new_key: None,
        })
        .collect();
    let met: Vec<usize> =
        (0..probes.len()).filter(|index| unmet[*index] && docks.has_met(&asked[*index])).collect();
    if !met.is_empty() {
        let questions: Vec<Command> = met.iter().map(|index| fingerprint(docks, &asked[*index])).collect();
        for (index, answer) in met.into_iter().zip(runner.run_parallel(&questions, KEYGEN_LIMIT)?) {
            probes[index].new_key = key_of(&answer);
        }
    }
    Ok(probes)
}

fn question(docks: &Docks, dock: &Dock, limit: Duration) -> Command {
    ssh(docks, dock)
        .args(["-o", "BatchMode=yes", "-o"])
        .arg(format!("ConnectTimeout={}", limit.as_secs().max(1)))
        .args(["-o", "ControlPath=none", "-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR"])
        .args(["-o", "KexAlgorithms=^curve25519-sha256", "--"])
        .arg(dock.destination())
        .arg("docker version --format '{{json .}}'")
}

fn verdict(docks: &Docks, dock: &Dock, answer: &TimedOutput) -> Result<String, Trouble> {
    match answer.status.map(|status| status.code()) {
        Some(Some(0)) => engine_version(&answer.stdout).ok_or(Trouble::NoDocker),
        Some(code) => Err(Trouble::of(code, &answer.stderr, &docks.known_hosts(dock))),
        None => Err(Trouble::NoAnswer),
    }
}

/// The engine's version in docker's answer; a shell there may have said something before.
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
    let is_plain = !version.is_empty() && version.chars().all(|c| c.is_ascii_graphic());
    is_plain.then_some(version)
}

/// The fingerprint of the dock's host key, as far as it is known.
///
/// # Errors
/// There is no ssh-keygen, or we were told to stop.
pub fn host_key(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Option<String>, Error> {
    Ok(runner.run_parallel(&[fingerprint(docks, dock)], KEYGEN_LIMIT)?.iter().find_map(key_of))
}

fn fingerprint(docks: &Docks, dock: &Dock) -> Command {
    Command::new("ssh-keygen").arg("-lf").arg(docks.known_hosts(dock))
}

/// `SHA256:… (ED25519)` of ssh-keygen's `256 SHA256:… host (ED25519)`.
fn key_of(answer: &TimedOutput) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.stdout);
    let words: Vec<&str> = text.lines().next()?.split_whitespace().collect();
    match words.as_slice() {
        [_bits, fingerprint, _host, .., kind] => Some(format!("{fingerprint} {kind}")),
        _ => None,
    }
}
