//! What gc-docks reports and what it may delete: a function of what exists on EC2 and of what is known locally.

use std::collections::BTreeSet;

use crate::Instance;
use crate::resource::{Kind, Resource};

const DAY: i64 = 24 * 60 * 60;

/// How long a dock may be stopped before it is reported.
const LONG_STOPPED: i64 = 14 * DAY;

/// What this user's records and journals contain.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The IDs of the instances that records name.
    pub instances: BTreeSet<String>,
    /// The addresses of the records that name no instance.
    pub addresses: BTreeSet<String>,
    /// The attempts that have created the recorded docks.
    pub attempts: BTreeSet<String>,
    /// The attempts of the create-dock commands that run at this time.
    pub running: BTreeSet<String>,
    /// The attempts whose journal is unfinished and whose command has ended.
    pub unfinished: BTreeSet<String>,
}

impl Known {
    /// Returns whether a record names an instance, or the address at which the instance is reached.
    fn has_record_of(&self, id: &str, instance: &Instance) -> bool {
        let address = instance.public_address.as_ref().or(instance.private_address.as_ref());
        self.instances.contains(id) || address.is_some_and(|address| self.addresses.contains(address))
    }
}

/// Whose resources may be deleted, and from which age on.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The user's name, as in the tags.
    pub owner: String,
    /// The present time, in seconds since 1970.
    pub now: i64,
    /// The age, in seconds, from which on a resource may be deleted.
    pub min_age: i64,
}

/// A resource that gc-docks reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The resource.
    pub resource: Resource,
    /// Why it is reported.
    pub reason: Reason,
    /// Why `--yes` does not delete it; `None` if it does.
    pub obstacle: Option<Obstacle>,
}

/// Why a resource is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No record names the instance, or a dock of the same attempt.
    NoRecord,
    /// The create-dock that made it was killed or could not undo everything.
    UnfinishedCreation,
    /// The dock has a record, and has been stopped for this number of days.
    Stopped {
        /// Whole days.
        days: i64,
    },
    /// It belongs to a dock with a record, and is not attached to its instance.
    Unattached,
    /// It is a copy of a disk: `destroy-dock --keep-data` has made it, or the user.
    Kept,
}

/// Why a resource is not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Another user has created it.
    OtherOwner,
    /// It is younger than the limit, so its create-dock may still run on another machine.
    Young,
    /// It is protected against termination.
    Protected,
    /// It belongs to a dock with a record, which destroy-dock removes.
    Recorded,
    /// The user has chosen to keep it.
    Kept,
}

/// Selects what no record explains.
///
/// Nothing of a recorded dock can be deleted, whatever its state.
pub fn select(resources: Vec<Resource>, known: &Known, limits: &Limits) -> Vec<Finding> {
    let selector = Selector::new(&resources, known, limits);
    let used_keys = selector.used_keys(&resources);
    // A key may serve docks of several attempts.
    let is_used =
        |resource: &Resource| matches!(&resource.kind, Kind::KeyPair { name } if used_keys.contains(name));
    resources
        .into_iter()
        .filter(|resource| !is_used(resource))
        .filter_map(|it| selector.finding(it))
        .collect()
}

/// What is known, and what follows from it for whole attempts.
struct Selector<'a> {
    known: &'a Known,
    limits: &'a Limits,
    /// The attempts of docks with a record: as the records contain them, and as the tags of their instances do.
    recorded: BTreeSet<String>,
    /// The attempts whose instance is protected: nothing that it needs can be deleted.
    protected: BTreeSet<String>,
}

impl<'a> Selector<'a> {
    fn new(resources: &[Resource], known: &'a Known, limits: &'a Limits) -> Self {
        let attempts = |is_wanted: &dyn Fn(&Resource) -> bool| {
            let wanted = resources.iter().filter(|resource| is_wanted(resource));
            let attempts = wanted.map(|resource| resource.origin.attempt.clone());
            attempts.filter(|attempt| !attempt.is_empty()).collect::<BTreeSet<_>>()
        };
        let mut recorded = attempts(&|resource| match &resource.kind {
            Kind::Instance(instance) => known.has_record_of(&resource.id, instance),
            _ => false,
        });
        recorded.extend(known.attempts.iter().cloned());
        let protected =
            attempts(&|resource| matches!(&resource.kind, Kind::Instance(instance) if instance.is_protected));
        Selector { known, limits, recorded, protected }
    }

    /// Returns the names of the keys of instances that will go on to exist.
    fn used_keys(&self, resources: &[Resource]) -> BTreeSet<String> {
        let key = |resource: &Resource| match &resource.kind {
            Kind::Instance(instance) if !self.can_delete(resource) => instance.key.clone(),
            _ => None,
        };
        resources.iter().filter_map(key).collect()
    }

    fn can_delete(&self, resource: &Resource) -> bool {
        self.finding(resource.clone()).is_some_and(|finding| finding.obstacle.is_none())
    }

    fn finding(&self, resource: Resource) -> Option<Finding> {
        let attempt = &resource.origin.attempt;
        if self.known.running.contains(attempt) {
            return None;
        }
        let reason = match &resource.kind {
            Kind::Snapshot { .. } => Reason::Kept,
            // Its cost is that of its instance, with which it is deleted.
            Kind::Volume { instance: Some(_), .. } => return None,
            kind if self.is_recorded(&resource) => reason_of_recorded(kind, self.limits.now)?,
            _ if self.known.unfinished.contains(attempt) => Reason::UnfinishedCreation,
            _ => Reason::NoRecord,
        };
        let obstacle = self.obstacle(&resource, reason);
        Some(Finding { resource, reason, obstacle })
    }

    fn is_recorded(&self, resource: &Resource) -> bool {
        match &resource.kind {
            // A spot request may have launched another instance in the same attempt, which the record does not name.
            Kind::Instance(instance) => self.known.has_record_of(&resource.id, instance),
            _ => self.recorded.contains(&resource.origin.attempt),
        }
    }

    fn obstacle(&self, resource: &Resource, reason: Reason) -> Option<Obstacle> {
        let Limits { owner, now, min_age } = self.limits;
        let is_old = resource.created.is_some_and(|created| now - created >= *min_age);
        match &resource.origin {
            _ if reason == Reason::Kept => Some(Obstacle::Kept),
            _ if self.is_recorded(resource) => Some(Obstacle::Recorded),
            origin if origin.owner != *owner => Some(Obstacle::OtherOwner),
            origin if self.protected.contains(&origin.attempt) => Some(Obstacle::Protected),
            _ if !is_old => Some(Obstacle::Young),
            _ => None,
        }
    }
}

/// Returns why something of a recorded dock is reported; `None` if it is as it should be.
fn reason_of_recorded(kind: &Kind, now: i64) -> Option<Reason> {
    match kind {
        Kind::Instance(instance) => {
            let stopped = now - instance.stopped_at()?;
            (stopped >= LONG_STOPPED).then_some(Reason::Stopped { days: stopped / DAY })
        }
        Kind::Volume { .. } => Some(Reason::Unattached),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
