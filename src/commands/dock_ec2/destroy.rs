//! The work of `destroy-dock`.

use chrono::{TimeDelta, Utc};
use dockerutils_command::Runner;
use dockerutils_dock::{Attempt, AwsName};
use dockerutils_ec2::calls::GetProducts;
use dockerutils_ec2::life::{DestroyRequest, Destroyed, Target, check_destroyable, destroy};
use dockerutils_ec2::resource::{Kind, Resource};
use dockerutils_ec2::{Instance, block_on};
use dockerutils_project::User;

use super::connection::open_account;
use super::error::Ec2Error;
use super::notes::Notes;
use crate::commands::destroy_dock::Args;
use crate::dock_context::{Ec2Dock, exclude_from_ssh_config};
use crate::{Result, ui};

/// For how many minutes after its creation EC2 may not know an instance everywhere.
const NEW: i64 = 10;

/// Destroys a dock.
pub(super) fn run(args: &Args) -> Result {
    let ec2 = Ec2Dock::find(Some(&args.name))?;
    let runner = args.echo.runner(args.dry_run);
    let owner = AwsName::of_user(&User::current().name);
    let known = ec2.instance.as_ref();
    let moniker = ec2.dock.moniker.as_str();
    let request = DestroyRequest {
        target: Target { dock: moniker, id: ec2.id.as_str() },
        attempt: known.map(|known| Attempt::as_str(&known.attempt)),
        key: known.map(|known| AwsName::as_str(&known.key.name)),
        owner: owner.as_str(),
        is_new: known.is_some_and(|known| Utc::now() - known.created < TimeDelta::minutes(NEW)),
        lifts_protection: args.force,
        keeps_data: args.keep_data,
        may_be_foreign: args.not_mine,
    };
    let (destroyed, snapshot_price) = block_on(async {
        let account = open_account(&ec2.dock, &runner, args.echo, &Notes).await?;
        let instance = check_destroyable(&account, &request).await?;
        if !args.yes && !args.dry_run {
            confirm(&ec2, instance.as_ref(), args.keep_data, &runner)?;
        }
        let destroyed = destroy(&account, &request, instance).await?;
        let region = account.region().to_owned();
        let price = match destroyed.snapshot {
            Some(_) => account.call(&GetProducts::SnapshotMonth { region }).await.ok().flatten(),
            None => None,
        };
        Ok::<_, crate::Error>((destroyed, price))
    })?;
    if !args.dry_run {
        report(&ec2, &destroyed, snapshot_price);
        forget(&ec2)?;
    }
    Ok(())
}

/// Asks the user to type the dock's name.
fn confirm(ec2: &Ec2Dock, instance: Option<&Instance>, keeps_data: bool, runner: &Runner) -> Result {
    let moniker = &ec2.dock.moniker;
    let what = match instance {
        Some(instance) => format!("{}, {}, {}", instance.id, instance.instance_type, instance.zone),
        None => format!("{}, which does not exist any more", ec2.id),
    };
    let disk = if keeps_data { "its disk is kept as a snapshot" } else { "everything on its disk is lost" };
    let question = format!("destroy {moniker} ({what})? {disk}; type its name to confirm:");
    if ui::ask(question, runner)? == moniker.as_str() {
        Ok(())
    } else {
        Err(Ec2Error::NotConfirmed(moniker.to_string()).into())
    }
}

fn report(ec2: &Ec2Dock, destroyed: &Destroyed, snapshot_price: Option<f64>) {
    if let Some(snapshot) = &destroyed.snapshot {
        ui::note(kept(ec2, snapshot, snapshot_price));
    }
    let how = if destroyed.instance.is_some() { "is destroyed" } else { "did not exist any more" };
    ui::note(format_args!("{} ({}) {how}", ec2.dock.moniker, ec2.id));
}

/// Describes a snapshot that was kept, and what it costs at most: EC2 charges for what is written on the disk. `price` is that
/// of a GiB and month, if it is known.
fn kept(ec2: &Ec2Dock, snapshot: &Resource, price: Option<f64>) -> String {
    let gigabytes = match snapshot.kind {
        Kind::Snapshot { gigabytes } => gigabytes,
        _ => 0,
    };
    let cost = match price {
        Some(price) => format!("for at most {:.2} $/month", f64::from(gigabytes) * price),
        None => "which costs money for each month".to_owned(),
    };
    format!(
        "the disk of {} is kept as {}, {cost}: `aws ec2 delete-snapshot --region {} --snapshot-id {1}` \
         deletes it",
        ec2.dock.moniker, snapshot.id, snapshot.region
    )
}

/// Removes the record, and an unfinished journal of the same attempt.
fn forget(ec2: &Ec2Dock) -> Result {
    if let Some(known) = &ec2.instance {
        for attempt in ec2.docks.unfinished_attempts()? {
            if attempt.attempt == known.attempt && !attempt.is_live {
                ec2.docks.open_journal(&attempt.moniker, &attempt.attempt)?.remove()?;
            }
        }
    }
    ec2.docks.unregister(ec2.id.as_str())?;
    exclude_from_ssh_config(&ec2.docks);
    Ok(())
}
