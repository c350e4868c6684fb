//! Stopping an instance.

use aws_sdk_ec2::types::InstanceStateName::{Pending, Running, Stopped};

use super::lookup::{existing, wait_until};
use super::{LifeError, Target};
use crate::calls::{DescribeSpotRequests, StopInstances};
use crate::{Account, Error, Instance, Result};

/// Looks up an instance that is to be stopped, and checks that EC2 can stop it.
///
/// # Errors
/// Returns [`LifeError::Gone`] if it is terminated, and [`LifeError::OneTimeSpot`] if it can only be terminated.
pub async fn check_stoppable(account: &Account<'_>, target: Target<'_>) -> Result<Instance> {
    let instance = existing(account, target).await?;
    if let Some(request) = instance.spot_request.clone() {
        let requests = account.call(&DescribeSpotRequests::WithId(request)).await?;
        if requests.iter().any(|request| request.is_one_time) {
            return Err(LifeError::OneTimeSpot { dock: target.dock.to_owned() }.into());
        }
    }
    Ok(instance)
}

/// Stops an instance, and waits until it is stopped.
///
/// # Errors
/// Fails if it is terminated, protected, or a one-time spot instance, or if it takes too long.
pub async fn stop(account: &Account<'_>, target: Target<'_>) -> Result {
    let mut instance = existing(account, target).await?;
    if instance.state == Pending && !account.runner().is_dry_run() {
        // EC2 refuses to stop an instance that is just starting.
        instance = wait_until(account, target, |instance| instance.state != Pending).await?;
    }
    if matches!(instance.state, Pending | Running) {
        match account.apply(&StopInstances(target.id)).await {
            // It has stopped itself since, or is about to.
            Err(error) if error.is(&["IncorrectInstanceState"]) => {}
            stopped => stopped.map_err(|error| refusal(error, target))?,
        }
    }
    if !account.runner().is_dry_run() {
        wait_until(account, target, |instance| instance.state == Stopped).await?;
    }
    Ok(())
}

fn refusal(error: Error, Target { dock, id }: Target<'_>) -> Error {
    let dock = dock.to_owned();
    if error.is(&["OperationNotPermitted"]) {
        LifeError::StopProtected { dock, id: id.to_owned() }.into()
    } else if error.is(&["UnsupportedOperation"]) && error.to_string().contains("Spot") {
        LifeError::OneTimeSpot { dock }.into()
    } else {
        error
    }
}
