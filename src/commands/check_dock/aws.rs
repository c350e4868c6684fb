//! Credentials of AWS, about which `dock-ec2` finds out: it alone contains Amazon's SDK.

use std::time::Duration;

use chrono::Utc;
use dockerutils_check::{AwsFacts, Finding, judge_aws};
use dockerutils_command::{EchoLevel, Runner, TimedOutput};

use crate::commands::dock_ec2::ec2_command;

/// How long AWS may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Checks the credentials. A dry run queries nothing.
pub(super) fn check(runner: &Runner) -> Vec<Finding> {
    if runner.is_dry_run() {
        return Vec::new();
    }
    judge_aws(look_up().as_ref().map_err(String::as_str), Utc::now())
}

fn look_up() -> Result<AwsFacts, String> {
    let command = ec2_command("caller").map_err(|error| error.to_string())?.arg("--json");
    // Without an echo: the call changes nothing, and the user has not typed this program.
    let runner = Runner::new(false).with_echo_level(EchoLevel::Docker);
    let outputs = runner.run_parallel(&[command], TIMEOUT).map_err(|error| error.to_string())?;
    match outputs.first() {
        Some(TimedOutput { status: Some(status), stdout, .. }) if status.success() => {
            serde_json::from_slice(stdout)
                .map_err(|error| format!("the answer of dock-ec2 is not valid: {error}"))
        }
        Some(TimedOutput { status: Some(_), stderr, .. }) => {
            let line = dockerutils_ssh::last_line(stderr);
            Err(line.strip_prefix("check-dock: ").unwrap_or(&line).to_owned())
        }
        _ => Err("AWS did not respond in time".to_owned()),
    }
}
