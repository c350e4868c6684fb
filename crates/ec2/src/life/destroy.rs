//! Destroying a dock: its instance, and everything that create-dock has made for it.

use super::census::{census, is_protected};
use super::keep::keep;
use super::remove::{delete, end_instances};
use super::{LifeError, Target, find};
use crate::calls::{DescribeInstances, DescribeTaggedKeyPairs, DescribeVolumes, SetProtection, Tagged};
use crate::resource::{Kind, Resource};
use crate::{Account, Id, Instance, Result};

/// What is to be destroyed, and how.
#[derive(Debug, Clone)]
pub struct DestroyRequest<'a> {
    /// The dock's instance.
    pub target: Target<'a>,
    /// The attempt that created it, if that is known locally.
    pub attempt: Option<&'a str>,
    /// The name of its key pair, if that is known locally.
    pub key: Option<&'a str>,
    /// The user's name, as in the tags.
    pub owner: &'a str,
    /// Whether the instance is so new that EC2 may not know it yet.
    pub is_new: bool,
    /// Whether a protection against termination is lifted.
    pub lifts_protection: bool,
    /// Whether a snapshot of the disk is kept.
    pub keeps_data: bool,
    /// Whether the instance may be someone else's.
    pub may_be_foreign: bool,
}

/// What was destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    /// The instance as it was; `None` if it did not exist any more.
    pub instance: Option<Instance>,
    /// The snapshot that was kept.
    pub snapshot: Option<Resource>,
}

/// Looks up the instance that is to be destroyed, and checks that it is this user's; `None` if it does not exist any more.
///
/// # Errors
/// Returns [`LifeError::NotMine`] or [`LifeError::Protected`] if the request does not allow for that.
pub async fn check_destroyable(
    account: &Account<'_>,
    request: &DestroyRequest<'_>,
) -> Result<Option<Instance>> {
    let Target { dock, id } = request.target;
    let Some(instance) = find(account, id).await?.filter(|instance| !instance.is_gone()) else {
        return Ok(None);
    };
    if !request.may_be_foreign
        && let Some(by) = foreign_maker(&instance, request)
    {
        return Err(LifeError::NotMine { dock: dock.to_owned(), id: id.to_owned(), by }.into());
    }
    let is_protected = is_protected(account, id).await?;
    if is_protected && !request.lifts_protection {
        return Err(LifeError::Protected { dock: dock.to_owned() }.into());
    }
    Ok(Some(Instance { is_protected, ..instance }))
}

/// Returns who has made an instance, as a message contains it; `None` if create-dock has made it for this user.
fn foreign_maker(instance: &Instance, request: &DestroyRequest<'_>) -> Option<String> {
    match instance.origin.owner.as_str() {
        owner if owner == request.owner => None,
        "" if request.attempt.is_some() => None,
        "" => Some("in another way".to_owned()),
        owner => Some(format!("by {owner}")),
    }
}

/// Destroys a dock, in an order in which nothing comes back and nothing is in use: spot request, instance, disks,
/// addresses, security group, key pair. A key pair that another instance uses is kept.
///
/// `instance` is what [`check_destroyable`] has returned.
///
/// # Errors
/// Fails if a call fails. The next run does what is left.
pub async fn destroy(
    account: &Account<'_>,
    request: &DestroyRequest<'_>,
    instance: Option<Instance>,
) -> Result<Destroyed> {
    let Target { dock, id } = request.target;
    let of_tags = instance.as_ref().map(|instance| instance.origin.attempt.as_str());
    let attempt = of_tags.filter(|attempt| !attempt.is_empty()).or(request.attempt);
    let made = match attempt {
        Some(attempt) => census(account, &Tagged::Attempt(attempt.to_owned()), |_| false).await?,
        None => Vec::new(),
    };
    let snapshot = match &instance {
        Some(instance) if request.keeps_data => keep(account, dock, instance).await?,
        _ => None,
    };
    if instance.as_ref().is_some_and(|instance| instance.is_protected) {
        account.apply(&SetProtection { instance: Id::from(id), is_on: false }).await?;
    }
    let (requests, instances) = ends(&made, id, instance.as_ref());
    end_instances(account, &requests, &instances, request.is_new).await?;
    if let Some(attempt) = attempt {
        delete_rest(account, request, attempt, made, instance.as_ref()).await?;
    }
    Ok(Destroyed { instance, snapshot })
}

/// Returns the IDs of the spot requests and of the instances that are ended.
fn ends(made: &[Resource], id: &str, instance: Option<&Instance>) -> (Vec<String>, Vec<String>) {
    let ids = |is_wanted: fn(&Kind) -> bool| {
        made.iter().filter(|it| is_wanted(&it.kind)).map(|it| it.id.clone()).collect::<Vec<_>>()
    };
    let mut requests = ids(|kind| matches!(kind, Kind::SpotRequest { .. }));
    let mut instances = ids(|kind| matches!(kind, Kind::Instance(_)));
    requests.extend(instance.and_then(|instance| instance.spot_request.clone()));
    // Also if EC2 does not list it: a new instance may not be known everywhere yet.
    instances.push(id.to_owned());
    for list in [&mut requests, &mut instances] {
        list.sort();
        list.dedup();
    }
    (requests, instances)
}

async fn delete_rest(
    account: &Account<'_>,
    request: &DestroyRequest<'_>,
    attempt: &str,
    made: Vec<Resource>,
    instance: Option<&Instance>,
) -> Result {
    // Looked up again: the disks that EC2 deletes with the instance are gone now.
    let volumes = account.call(&DescribeVolumes(Tagged::Attempt(attempt.to_owned()))).await?;
    for volume in volumes.iter().filter(|it| matches!(it.kind, Kind::Volume { instance: None, .. })) {
        delete(account, volume).await?;
    }
    let is_address_or_group = |it: &&Resource| matches!(it.kind, Kind::Address | Kind::SecurityGroup);
    for resource in made.iter().filter(is_address_or_group) {
        delete(account, resource).await?;
    }
    let name = instance.and_then(|instance| instance.key.as_deref()).or(request.key);
    for key in account.call(&DescribeTaggedKeyPairs(Tagged::All)).await? {
        let is_ours = key.origin.attempt == attempt || key.origin.owner == request.owner;
        let is_of_dock = matches!(&key.kind, Kind::KeyPair { name: of_key } if key.origin.attempt == attempt || Some(of_key.as_str()) == name);
        if is_ours && is_of_dock && !is_used(account, &key, request.target.id).await? {
            delete(account, &key).await?;
        }
    }
    Ok(())
}

/// Returns whether an instance other than this one uses a key pair.
async fn is_used(account: &Account<'_>, key: &Resource, except: &str) -> Result<bool> {
    let Kind::KeyPair { name } = &key.kind else { return Ok(false) };
    let instances = account.call(&DescribeInstances::WithKey(name.clone())).await?;
    Ok(instances.iter().any(|instance| instance.id != except && !instance.is_gone()))
}
