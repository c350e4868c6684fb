//! What docker itself reports about an engine.

use std::thread;
use std::time::Duration;

use chrono::Utc;
use dockerutils_check::{EngineFacts, Info, Usage, Versions};
use dockerutils_command::{Command, Runner, TimedOutput};
use dockerutils_docker::find_docker;

use crate::Result;

/// How long docker may take. An engine that is busy may need seconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long the sizes may take, which are of use and not needed: the engine may have to measure every container.
const USAGE_TIMEOUT: Duration = Duration::from_millis(1200);

/// Queries docker about the engine that DOCKER_HOST leads to, or the given value of it. A dry run returns no facts.
///
/// # Errors
/// Fails if a signal interrupted us.
pub(super) fn engine_facts(host: Option<&str>, runner: &Runner) -> Result<EngineFacts> {
    let docker = |words: &[&str]| {
        let docker = Command::new("docker");
        let docker = match host {
            Some(host) => docker.env("DOCKER_HOST", host),
            None => docker,
        };
        docker.args(words.iter().copied()).args(["--format", "{{json .}}"])
    };
    if !runner.is_dry_run() && find_docker().is_none() {
        let fault = Some("docker is not installed on this machine".to_owned());
        return Ok(EngineFacts { fault, ..EngineFacts::default() });
    }
    let begin = Utc::now();
    let (queried, usage) = thread::scope(|scope| {
        let usage = scope.spawn(|| runner.run_parallel(&[docker(&["system", "df"])], USAGE_TIMEOUT));
        let queried = runner.run_parallel(&[docker(&["info"]), docker(&["version"])], TIMEOUT);
        (queried.map(|outputs| (outputs, Utc::now())), usage.join())
    });
    let (outputs, end) = queried?;
    let usage = usage.ok().and_then(std::result::Result::ok).unwrap_or_default();
    let usage =
        usage.first().filter(|output| has_succeeded(output)).and_then(|output| Usage::parse(&output.stdout));
    let [info, versions] = outputs.as_slice() else { return Ok(EngineFacts::default()) };
    Ok(EngineFacts {
        info: Info::parse(&info.stdout),
        versions: Versions::parse(&versions.stdout),
        usage,
        stderr: String::from_utf8_lossy(&[&*info.stderr, &*versions.stderr].concat()).into_owned(),
        queried: Some((begin, end)),
        ..EngineFacts::default()
    })
}

fn has_succeeded(output: &TimedOutput) -> bool {
    output.status.is_some_and(|status| status.success())
}
