//! Removing what a dock consists of. What does not exist any more counts as removed.

use std::time::{Duration, Instant as Clock};

use aws_sdk_ec2::types::InstanceStateName;

use super::LifeError;
use super::lookup::{LIMIT, interval};
use crate::calls::{
    CancelSpotRequests, DeleteKeyPair, DeleteSecurityGroup, DeleteVolume, DescribeInstances, ReleaseAddress,
    TerminateInstances,
};
use crate::resource::{Kind, Resource};
use crate::{Account, Call, Result};

/// How long a new instance may be unknown to EC2.
const UNKNOWN: Duration = Duration::from_secs(60);

/// How often a resource is deleted that something still uses, which is on its way out.
const IN_USE_TRIES: usize = 12;

/// The time between these tries.
const IN_USE_PAUSE: Duration = Duration::from_secs(5);

/// Cancels spot requests, terminates instances and waits until they are terminated. The requests are first, because one
/// that is open launches another instance.
///
/// If `are_new`, EC2 may not know the instances yet, and not knowing them does not count as removed at once.
///
/// # Errors
/// Fails if a call fails, or if an instance takes too long.
pub async fn end_instances(
    account: &Account<'_>,
    spot_requests: &[String],
    instances: &[String],
    are_new: bool,
) -> Result {
    for request in spot_requests {
        apply_unless_missing(account, &CancelSpotRequests(std::slice::from_ref(request))).await?;
    }
    for instance in instances {
        terminate(account, instance, are_new).await?;
    }
    if instances.is_empty() || account.runner().is_dry_run() {
        Ok(())
    } else {
        wait(account, instances).await
    }
}

async fn terminate(account: &Account<'_>, instance: &String, is_new: bool) -> Result {
    let begin = Clock::now();
    loop {
        match account.apply(&TerminateInstances(std::slice::from_ref(instance))).await {
            Err(error) if error.is(&["InvalidInstanceID.NotFound"]) => {
                if !is_new || begin.elapsed() > UNKNOWN {
                    return Ok(());
                }
                account.pause(interval(begin)).await?;
            }
            done => return done,
        }
    }
}

async fn wait(account: &Account<'_>, instances: &[String]) -> Result {
    let begin = Clock::now();
    loop {
        let found = account.call(&DescribeInstances::WithIds(instances.to_vec())).await?;
        let left = found.iter().find(|instance| instance.state != InstanceStateName::Terminated);
        let Some(left) = left else { return Ok(()) };
        if begin.elapsed() > LIMIT {
            let (dock, state) = (left.id.clone(), left.state.as_str().to_owned());
            return Err(LifeError::Stuck { dock, state, seconds: LIMIT.as_secs() }.into());
        }
        account.pause(interval(begin)).await?;
    }
}

/// Deletes a resource that is neither an instance nor a spot request. One that something uses is tried again for a minute,
/// because EC2 needs a moment after the end of an instance.
///
/// # Errors
/// Fails if EC2 refuses to delete it.
pub async fn delete(account: &Account<'_>, resource: &Resource) -> Result {
    let id = resource.id.as_str();
    match &resource.kind {
        Kind::Volume { .. } => delete_when_unused(account, &DeleteVolume(id)).await,
        Kind::Address => delete_when_unused(account, &ReleaseAddress(id)).await,
        Kind::SecurityGroup => delete_when_unused(account, &DeleteSecurityGroup(id)).await,
        Kind::KeyPair { name } => apply_unless_missing(account, &DeleteKeyPair(name)).await,
        // Snapshots are kept; instances and spot requests are ended together.
        Kind::Snapshot { .. } | Kind::Instance(_) | Kind::SpotRequest { .. } => Ok(()),
    }
}

/// Makes a call that deletes something. What something uses is tried again for a minute.
///
/// # Errors
/// Fails if EC2 refuses to delete it.
pub(crate) async fn delete_when_unused<C: Call<Output = ()>>(account: &Account<'_>, call: &C) -> Result {
    for _ in 1..IN_USE_TRIES {
        match apply_unless_missing(account, call).await {
            Err(error)
                if error.is(&[
                    "DependencyViolation",
                    "InvalidGroup.InUse",
                    "VolumeInUse",
                    "InvalidIPAddress.InUse",
                ]) =>
            {
                account.pause(IN_USE_PAUSE).await?;
            }
            done => return done,
        }
    }
    apply_unless_missing(account, call).await
}

/// Makes a call that removes something. It succeeds also if that does not exist.
///
/// # Errors
/// Fails if EC2 refuses to remove it.
pub(crate) async fn apply_unless_missing<C: Call<Output = ()>>(account: &Account<'_>, call: &C) -> Result {
    match account.apply(call).await {
        Err(error) if error.call().is_some_and(|error| error.code.as_deref().is_some_and(is_missing)) => {
            Ok(())
        }
        done => done,
    }
}

/// Returns whether a code means that something does not exist: `InvalidGroup.NotFound`.
fn is_missing(code: &str) -> bool {
    code.ends_with(".NotFound")
}
