//! Everything on EC2 with our tags, in one region.

use futures_util::future::try_join_all;

use crate::calls::{
    DescribeAddresses, DescribeInstances, DescribeProtection, DescribeSnapshots, DescribeSpotRequests,
    DescribeTaggedKeyPairs, DescribeTaggedSecurityGroups, DescribeVolumes, SpotRequest, Tagged,
};
use crate::resource::{Kind, Resource};
use crate::{Account, Instance, Result};

/// How many regions are searched at the same time. More calls at a time would be throttled.
const PARALLEL: usize = 4;

/// Lists what one attempt, or all, have made in several accounts and regions. The results have the order of the accounts.
///
/// # Errors
/// Fails if a call fails.
pub async fn censuses(
    accounts: &[Account<'_>],
    tagged: &Tagged,
    needs_protection: &impl Fn(&str) -> bool,
) -> Result<Vec<Vec<Resource>>> {
    let mut found = Vec::new();
    for some in accounts.chunks(PARALLEL) {
        found.extend(try_join_all(some.iter().map(|it| census(it, tagged, needs_protection))).await?);
    }
    Ok(found)
}

/// Lists what one attempt, or all, have made: what costs money or stands in the way, so neither terminated instances nor
/// spot requests that are closed. `needs_protection` selects the instances whose protection is looked up.
///
/// # Errors
/// Fails if a call fails.
pub(super) async fn census(
    account: &Account<'_>,
    tagged: &Tagged,
    needs_protection: impl Fn(&str) -> bool,
) -> Result<Vec<Resource>> {
    let instances = DescribeInstances::Tagged(tagged.clone());
    let (spot_requests, volumes) =
        (DescribeSpotRequests::Tagged(tagged.clone()), DescribeVolumes(tagged.clone()));
    let (addresses, groups) =
        (DescribeAddresses(tagged.clone()), DescribeTaggedSecurityGroups(tagged.clone()));
    let keys = DescribeTaggedKeyPairs(tagged.clone());
    let (instances, spot_requests, volumes, addresses, groups, keys, snapshots) = tokio::try_join!(
        account.call(&instances),
        account.call(&spot_requests),
        account.call(&volumes),
        account.call(&addresses),
        account.call(&groups),
        account.call(&keys),
        snapshots(account, tagged),
    )?;
    let spot_requests: Vec<Resource> =
        spot_requests.into_iter().filter(SpotRequest::is_open).map(|it| it.resource).collect();
    let mut instances: Vec<Instance> = instances.into_iter().filter(|it| !it.is_gone()).collect();
    instances.extend(launched_again(account, &spot_requests, &instances).await?);
    for instance in instances.iter_mut().filter(|instance| needs_protection(&instance.id)) {
        instance.is_protected = is_protected(account, &instance.id).await?;
    }
    let instances = instances.into_iter().map(|instance| Resource {
        id: instance.id.clone(),
        region: String::new(),
        origin: instance.origin.clone(),
        created: instance.created.or(instance.launched),
        kind: Kind::Instance(Box::new(instance)),
    });
    let all = instances.chain(spot_requests).chain(volumes).chain(snapshots).chain(addresses);
    let region = account.region();
    Ok(all.chain(groups).chain(keys).map(|it| Resource { region: region.to_owned(), ..it }).collect())
}

/// Lists snapshots; those of one attempt are kept, whatever happens to it, so they are listed with all only.
async fn snapshots(account: &Account<'_>, tagged: &Tagged) -> Result<Vec<Resource>> {
    match tagged {
        Tagged::Attempt(_) => Ok(Vec::new()),
        Tagged::All => {
            let snapshots = account.call(&DescribeSnapshots::Tagged).await?;
            Ok(snapshots.into_iter().map(|snapshot| snapshot.resource).collect())
        }
    }
}

/// Returns the instances that spot requests of ours have launched a second time. EC2 does not tag these.
async fn launched_again(
    account: &Account<'_>,
    requests: &[Resource],
    known: &[Instance],
) -> Result<Vec<Instance>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let ids = requests.iter().map(|request| request.id.clone()).collect();
    let launched = account.call(&DescribeInstances::OfSpotRequests(ids)).await?;
    let is_new = |instance: &Instance| !instance.is_gone() && !known.iter().any(|it| it.id == instance.id);
    let with_origin = |mut instance: Instance| {
        if let Some(request) = requests.iter().find(|it| Some(&it.id) == instance.spot_request.as_ref()) {
            instance.origin = request.origin.clone();
        }
        instance
    };
    Ok(launched.into_iter().filter(is_new).map(with_origin).collect())
}

/// Returns whether an instance is protected against termination; one that has just ended is not.
pub(super) async fn is_protected(account: &Account<'_>, id: &str) -> Result<bool> {
    match account.call(&DescribeProtection(id)).await {
        Err(error) if error.is(&["InvalidInstanceID.NotFound"]) => Ok(false),
        found => found,
    }
}
