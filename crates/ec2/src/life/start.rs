//! Starting an instance.

use std::time::{Duration, Instant as Clock};

use aws_sdk_ec2::types::InstanceStateName::{Running, Stopped, Stopping};

use super::lookup::{existing, wait_until};
use super::{LifeError, Target};
use crate::calls::{DescribeSpotRequests, StartInstances};
use crate::{Account, Error, Instance, Result};

/// The codes with which EC2 reports that it has no room.
const NO_CAPACITY: [&str; 2] = ["InsufficientInstanceCapacity", "InsufficientHostCapacity"];

/// The time until the first further attempt after EC2 had no room; room often appears at once.
const SOON: Duration = Duration::from_secs(5);

/// How often a call is repeated whose response was lost.
const LOST: usize = 5;

/// Starts an instance unless it runs, and waits until it does; in a dry run, returns it as it is.
///
/// If EC2 has no room for it, further attempts are made as `patience` has it.
///
/// # Errors
/// Fails if it is terminated, if there is no room, if EC2 has interrupted it, or if it takes too long.
pub async fn start(account: &Account<'_>, target: Target<'_>, patience: Patience) -> Result<Instance> {
    let begin = Clock::now();
    let mut lost = 0;
    let mut room = Room { pause: SOON.min(patience.interval), patience, is_noted: false };
    loop {
        let instance = existing(account, target).await?;
        if instance.state == Stopping {
            account.note(format!("waiting until {} is stopped", target.dock));
            wait_until(account, target, |instance| instance.state != Stopping).await?;
            continue;
        }
        if instance.state != Stopped {
            break;
        }
        match account.apply(&StartInstances(target.id)).await {
            Ok(()) if account.runner().is_dry_run() => return Ok(instance),
            Ok(()) => break,
            Err(error) if error.is(&NO_CAPACITY) => {
                room.wait(account, target, &instance, begin.elapsed()).await?;
            }
            // What the call has done is seen at the next look.
            Err(error) if is_lost(&error) && lost < LOST => {
                lost += 1;
                account.pause(Duration::from_secs(1)).await?;
            }
            Err(error) => return Err(refusal(account, target, &instance, error).await),
        }
    }
    if account.runner().is_dry_run() {
        return existing(account, target).await;
    }
    let is_reachable =
        |instance: &Instance| instance.state == Running && reachable_address(instance).is_some();
    wait_until(account, target, |instance| is_reachable(instance) || instance.is_stopped()).await.and_then(
        |instance| match instance.is_stopped() {
            true => Err(LifeError::NotStarted {
                dock: target.dock.to_owned(),
                reason: instance.reason.unwrap_or_default(),
            }
            .into()),
            false => Ok(instance),
        },
    )
}

/// Returns the address at which an instance can be reached: the public one if it has one.
pub fn reachable_address(instance: &Instance) -> Option<&str> {
    instance.public_address.as_deref().or(instance.private_address.as_deref())
}

/// For how long and how often an instance is started for which EC2 has no room.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The time for all attempts after the first.
    pub total: Duration,
    /// The time between them.
    pub interval: Duration,
}

/// What is known about the room for an instance.
struct Room {
    pause: Duration,
    patience: Patience,
    is_noted: bool,
}

impl Room {
    /// Waits until the next attempt, unless the time for further attempts is over.
    async fn wait(
        &mut self,
        account: &Account<'_>,
        target: Target<'_>,
        instance: &Instance,
        elapsed: Duration,
    ) -> Result {
        let left = self.patience.total.saturating_sub(elapsed);
        let (zone, instance_type) = (instance.zone.clone(), instance.instance_type.clone());
        if left < self.pause {
            return Err(LifeError::NoCapacity { dock: target.dock.to_owned(), zone, instance_type }.into());
        }
        if !self.is_noted {
            let minutes = left.as_secs().div_ceil(60);
            account.note(format!("{zone} has no {instance_type} now, trying again for {minutes} min"));
            self.is_noted = true;
        }
        account.pause(self.pause).await?;
        self.pause = self.patience.interval;
        Ok(())
    }
}

fn is_lost(error: &Error) -> bool {
    error.call().is_some_and(crate::CallError::is_transient) || error.is(&["IncorrectInstanceState"])
}

/// Names the reason of a refusal, as far as a spot request contains it.
async fn refusal(account: &Account<'_>, target: Target<'_>, instance: &Instance, error: Error) -> Error {
    let Some(request) = instance.spot_request.clone() else { return error };
    let requests = account.call(&DescribeSpotRequests::WithId(request)).await.unwrap_or_default();
    // The statuses of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
    let is_interrupted = requests.iter().any(|request| {
        request.status.starts_with("instance-stopped-") && request.status != "instance-stopped-by-user"
    });
    if is_interrupted { LifeError::Interrupted { dock: target.dock.to_owned() }.into() } else { error }
}
