//! The states of the instances that records name. dock-ec2 looks them up, so that ls-dock contains none of Amazon's SDK.

use std::time::Duration;

use dockerutils_command::{EchoLevel, Runner, TimedOutput};
use dockerutils_dock::{Dock, Docks};

use super::Args;
use crate::commands::dock_ec2::ec2_command;
use crate::instance_states::{InstanceState, InstanceStates};
use crate::ui::{self, Age, DockRow};

/// How long before the timeout dock-ec2 gives up a region that does not respond, so that the states of others arrive.
const MARGIN: Duration = Duration::from_millis(300);

/// From which time on, in seconds, a dock that never stops by itself is named once a day.
const LONG_RUN: i64 = 24 * 3600;

/// Returns the states of the instances that the records name; none if no record names one, or if EC2 is not to be queried.
///
/// A failure is reported in one line; it costs only the columns about EC2.
pub(super) fn states(listed: &[Dock], args: &Args) -> Vec<InstanceState> {
    let is_wanted = !args.no_aws && !args.no_probe && !args.dry_run;
    if !is_wanted || listed.iter().all(|dock| dock.instance_id.is_none()) {
        return Vec::new();
    }
    let states = look_up(Duration::from_secs(args.timeout))
        .unwrap_or_else(|problem| InstanceStates { instances: Vec::new(), problems: vec![problem] });
    states.problems.iter().for_each(ui::note);
    states.instances
}

fn look_up(timeout: Duration) -> Result<InstanceStates, String> {
    let seconds = timeout.saturating_sub(MARGIN).as_secs_f64().to_string();
    let command = ec2_command("states").map_err(|error| error.to_string())?;
    let command = command.args(["--json", "--timeout", &seconds]);
    // Without an echo: the calls change nothing.
    let runner = Runner::new(false).with_echo_level(EchoLevel::Docker);
    let outputs = runner.run_parallel(&[command], timeout).map_err(|error| error.to_string())?;
    match outputs.first() {
        Some(TimedOutput { status: Some(status), stdout, .. }) if status.success() => {
            serde_json::from_slice(stdout)
                .map_err(|error| format!("the states of EC2 are not valid: {error}"))
        }
        Some(TimedOutput { status: Some(_), stderr, .. }) => Err(last_line(stderr)),
        _ => Err("EC2 did not respond in time, so the states of its docks are not known".to_owned()),
    }
}

/// Returns the last line that dock-ec2 has written, without the prefix that it shares with our own messages.
fn last_line(stderr: &[u8]) -> String {
    let line = dockerutils_ssh::last_line(stderr);
    line.strip_prefix("ls-dock: ").unwrap_or(&line).to_owned()
}

/// Names the docks whose instances do not exist any more.
pub(super) fn name_gone_docks(rows: &[DockRow]) {
    let is_gone = |row: &&DockRow| row.ec2.as_ref().is_some_and(ui::Ec2Cells::is_gone);
    let names: Vec<&str> = rows.iter().filter(is_gone).map(|row| row.dock.moniker.as_str()).collect();
    if let Some(first) = names.first() {
        ui::note(format_args!(
            "the instance of {} does not exist any more: `destroy-dock {first}` removes what is left of a dock",
            names.join(", ")
        ));
    }
}

/// Names the docks that have run for more than a day and never stop by themselves, once a day.
pub(super) fn remind_of_long_runs(docks: &Docks, rows: &[DockRow]) {
    let is_long = |row: &&DockRow| {
        row.ec2.as_ref().is_some_and(|ec2| ec2.never_stops() && ec2.up().is_some_and(|up| up > LONG_RUN))
    };
    let mut long: Vec<&DockRow> = rows.iter().filter(is_long).collect();
    long.sort_by_key(|row| std::cmp::Reverse(row.ec2.as_ref().and_then(ui::Ec2Cells::up)));
    let Some(first) = long.first() else { return };
    if !docks.is_due_today("long-runs") {
        return;
    }
    let others = if long.len() > 1 { format!(" (and {} more)", long.len() - 1) } else { String::new() };
    let up = Age::of_seconds(first.ec2.as_ref().and_then(ui::Ec2Cells::up).unwrap_or_default());
    let moniker = &first.dock.moniker;
    ui::note(format_args!(
        "{moniker}{others} has run for {up} and never stops by itself: `stop-dock {moniker}` stops it"
    ));
}
