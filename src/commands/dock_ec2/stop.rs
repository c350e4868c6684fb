//! The work of `stop-dock`.

use dockerutils_command::Runner;
use dockerutils_dock::running_containers;
use dockerutils_ec2::life::{Target, check_stoppable, stop};
use dockerutils_ec2::{Instance, block_on};

use super::connection::open_account;
use super::error::Ec2Error;
use super::notes::Notes;
use crate::commands::stop_dock::Args;
use crate::dock_context::Ec2Dock;
use crate::{Result, ui};

/// Stops a dock.
pub(super) fn run(args: &Args) -> Result {
    let ec2 = Ec2Dock::find(args.name.as_deref())?;
    let runner = args.echo.runner(args.dry_run);
    block_on(async {
        let account = open_account(&ec2.dock, &runner, args.echo, &Notes).await?;
        let moniker = ec2.dock.moniker.as_str();
        let target = Target { dock: moniker, id: ec2.id.as_str() };
        let instance = check_stoppable(&account, target).await?;
        if !args.yes && !args.dry_run && !instance.is_stopped() {
            confirm(&ec2, &instance, &runner)?;
        }
        let was_stopped = instance.is_stopped();
        stop(&account, target).await?;
        if !args.dry_run {
            let how = if was_stopped { "was stopped already" } else { "is stopped" };
            ui::note(format_args!("{moniker} {how}{}: `start-dock {moniker}` starts it", disk_cost(&ec2)));
        }
        Ok(())
    })
}

/// Asks whether to stop the dock, and names what runs there.
fn confirm(ec2: &Ec2Dock, instance: &Instance, runner: &Runner) -> Result {
    let moniker = &ec2.dock.moniker;
    let waiting = ui::waiting_for(moniker);
    let containers = running_containers(&ec2.docks, &ec2.dock, runner)?;
    drop(waiting);
    let running = match containers.as_deref() {
        None => "which containers run there is not known, because it does not respond".to_owned(),
        Some([]) => "no container runs there".to_owned(),
        Some(names) => format!("these containers run there and end: {}", names.join(", ")),
    };
    let question = format!("stop {moniker} ({}, {})? {running} [y/N]", instance.id, instance.instance_type);
    let answer = ui::ask(question, runner)?;
    if matches!(answer.to_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(Ec2Error::NotConfirmed(moniker.to_string()).into())
    }
}

/// Returns what the disk costs while the dock is stopped, as far as that is known.
fn disk_cost(ec2: &Ec2Dock) -> String {
    let Some(known) = &ec2.instance else { return ", and its disk costs money all the same".to_owned() };
    let size = known.disk_size;
    match known.price.as_ref().and_then(|price| price.disk_per_month) {
        Some(dollars) => format!(", and its disk of {size} GiB costs {:.2} $/month", dollars.get()),
        None => format!(", and its disk of {size} GiB costs money all the same"),
    }
}
