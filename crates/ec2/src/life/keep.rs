//! A snapshot of a dock's disk, for `destroy-dock --keep-data`.

use std::time::{Duration, Instant as Clock};

use aws_sdk_ec2::types::SnapshotState;

use super::LifeError;
use super::lookup::interval;
use crate::calls::{CreateSnapshot, DescribeSnapshots, Snapshot};
use crate::resource::Resource;
use crate::{Account, Instance, Result};

/// How often the call is repeated after a lost response, once a look has shown that it made nothing.
const LOST: usize = 3;

/// How long after a lost response a new snapshot may be missing from the list.
const LIST_LAG: Duration = Duration::from_secs(5);

/// Copies the disk that an instance starts from, waits until the copy is whole, and returns it. A copy that an earlier run
/// has begun is continued. In a dry run, nothing is returned.
///
/// # Errors
/// Fails if the instance has no such disk, or if the copy fails.
pub(super) async fn keep(account: &Account<'_>, dock: &str, instance: &Instance) -> Result<Option<Resource>> {
    let dock = || dock.to_owned();
    let volume = instance.root_volume.as_deref().ok_or_else(|| LifeError::NoDisk { dock: dock() })?;
    let call = CreateSnapshot {
        volume,
        instance: &instance.id,
        origin: &instance.origin,
        created: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    };
    let mut tries = 0;
    while snapshot(account, &instance.id).await?.is_none() {
        match account.apply(&call).await {
            Ok(()) if account.runner().is_dry_run() => return Ok(None),
            Err(error) if tries < LOST && error.call().is_some_and(crate::CallError::is_transient) => {
                tries += 1;
                account.pause(LIST_LAG).await?;
            }
            done => done?,
        }
    }
    account.note(format!("waiting until the snapshot of {}'s disk is whole", dock()));
    let begin = Clock::now();
    loop {
        match snapshot(account, &instance.id).await? {
            Some(Snapshot { resource, state: SnapshotState::Completed }) => return Ok(Some(resource)),
            Some(Snapshot { resource, state: SnapshotState::Error }) => {
                return Err(LifeError::SnapshotFailed { dock: dock(), snapshot: resource.id }.into());
            }
            // Without a limit: a large disk takes hours, and Ctrl-C ends the wait.
            _ => account.pause(interval(begin)).await?,
        }
    }
}

/// Returns the snapshot that this command has made of an instance, a whole one first.
async fn snapshot(account: &Account<'_>, instance: &str) -> Result<Option<Snapshot>> {
    let mut found = account.call(&DescribeSnapshots::KeptFrom(instance.to_owned())).await?;
    found.sort_by_key(|snapshot| snapshot.state != SnapshotState::Completed);
    let snapshot = found.into_iter().next();
    Ok(snapshot.map(|mut snapshot| {
        account.region().clone_into(&mut snapshot.resource.region);
        snapshot
    }))
}
