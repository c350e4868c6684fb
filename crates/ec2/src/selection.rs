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
mod tests {
    use aws_sdk_ec2::types::InstanceStateName;

    use super::*;
    use crate::resource::Origin;

    const NOW: i64 = 100 * DAY;

    fn resource(id: &str, attempt: &str, kind: Kind) -> Resource {
        let origin = Origin { dock: "gpu".to_owned(), owner: "ada".to_owned(), attempt: attempt.to_owned() };
        Resource { id: id.to_owned(), region: "us-east-1".to_owned(), origin, created: Some(NOW - DAY), kind }
    }

    fn instance(id: &str, attempt: &str) -> Resource {
        resource(id, attempt, Kind::Instance(running().into()))
    }

    fn running() -> Instance {
        let instance = aws_sdk_ec2::types::Instance::builder().key_name("key-a").build();
        Instance::new("123456789012", &instance)
    }

    fn key(attempt: &str) -> Resource {
        resource("key-1", attempt, Kind::KeyPair { name: "key-a".to_owned() })
    }

    fn limits() -> Limits {
        Limits { owner: "ada".to_owned(), now: NOW, min_age: 3600 }
    }

    /// Returns the ID, the reason and the obstacle of each finding.
    fn findings(resources: Vec<Resource>, known: &Known) -> Vec<(String, Reason, Option<Obstacle>)> {
        let found = select(resources, known, &limits()).into_iter();
        found.map(|Finding { resource, reason, obstacle }| (resource.id, reason, obstacle)).collect()
    }

    fn known(instance: &str) -> Known {
        Known { instances: BTreeSet::from([instance.to_owned()]), ..Known::default() }
    }

    fn registered(address: &str) -> Known {
        Known { addresses: set(address), ..Known::default() }
    }

    fn set(word: &str) -> BTreeSet<String> {
        BTreeSet::from([word.to_owned()])
    }

    #[test]
    fn what_a_record_explains_is_not_reported() {
        let dock = vec![
            instance("i-1", "a"),
            resource("sg-1", "a", Kind::SecurityGroup),
            key("b"),
            resource("eip-1", "a", Kind::Address),
            resource("vol-1", "a", Kind::Volume { gigabytes: 100, instance: Some("i-1".to_owned()) }),
            resource("sir-1", "a", Kind::SpotRequest { instance: Some("i-1".to_owned()) }),
        ];
        assert_eq!(findings(dock, &known("i-1")), []);
    }

    #[test]
    fn a_record_without_an_instance_explains_the_instance_at_its_address() {
        let at = |public: Option<&str>, private: &str| {
            let (public_address, private_address) = (public.map(str::to_owned), Some(private.to_owned()));
            let instance = Instance { public_address, private_address, ..running() };
            let instance = resource("i-1", "a", Kind::Instance(instance.into()));
            findings(vec![instance, resource("sg-1", "a", Kind::SecurityGroup)], &registered("192.0.2.1"))
        };
        assert_eq!(at(Some("192.0.2.1"), "10.0.0.1"), []);
        assert_eq!(at(None, "192.0.2.1"), []);
        // A machine of another network may have the private address.
        assert_eq!(at(Some("192.0.2.2"), "192.0.2.1").len(), 2);
    }

    #[test]
    fn everything_of_a_dock_without_a_record_can_be_deleted() {
        let dock = vec![instance("i-1", "a"), resource("sg-1", "a", Kind::SecurityGroup), key("a")];
        let expected = ["i-1", "sg-1", "key-1"].map(|id| (id.to_owned(), Reason::NoRecord, None));
        assert_eq!(findings(dock.clone(), &known("i-2")), expected);
        let unfinished = Known { unfinished: set("a"), ..Known::default() };
        let expected = expected.map(|(id, ..)| (id, Reason::UnfinishedCreation, None));
        assert_eq!(findings(dock, &unfinished), expected);
    }

    #[test]
    fn a_creation_that_runs_is_not_reported() {
        let running = Known { running: set("a"), ..Known::default() };
        assert_eq!(findings(vec![instance("i-1", "a"), key("a")], &running), []);
    }

    #[test]
    fn a_group_of_a_recorded_attempt_is_explained_even_if_its_instance_is_gone() {
        let recorded = Known { attempts: set("a"), ..Known::default() };
        assert_eq!(findings(vec![resource("sg-1", "a", Kind::SecurityGroup)], &recorded), []);
    }

    #[test]
    fn a_second_instance_of_a_recorded_attempt_is_reported() {
        let instances = vec![instance("i-1", "a"), instance("i-2", "a")];
        assert_eq!(findings(instances, &known("i-1")), [("i-2".to_owned(), Reason::NoRecord, None)]);
    }

    #[test]
    fn the_resources_of_others_and_young_ones_are_reported_and_not_deleted() {
        let mut of_bob = instance("i-1", "a");
        of_bob.origin.owner = "bob".to_owned();
        let young = Resource { created: Some(NOW - 3599), ..instance("i-2", "b") };
        let ageless = Resource { created: None, ..resource("sg-1", "c", Kind::SecurityGroup) };
        let expected = [
            ("i-1".to_owned(), Reason::NoRecord, Some(Obstacle::OtherOwner)),
            ("i-2".to_owned(), Reason::NoRecord, Some(Obstacle::Young)),
            ("sg-1".to_owned(), Reason::NoRecord, Some(Obstacle::Young)),
        ];
        assert_eq!(findings(vec![of_bob, young, ageless], &Known::default()), expected);
    }

    #[test]
    fn a_protected_instance_keeps_what_it_needs() {
        let protected = Kind::Instance(Instance { is_protected: true, ..running() }.into());
        let dock =
            vec![resource("i-1", "a", protected), resource("sg-1", "a", Kind::SecurityGroup), key("b")];
        let obstacle = Some(Obstacle::Protected);
        let expected = ["i-1", "sg-1"].map(|id| (id.to_owned(), Reason::NoRecord, obstacle));
        assert_eq!(findings(dock, &Known::default()), expected);
    }

    #[test]
    fn a_dock_that_has_been_stopped_for_long_is_reported_and_not_deleted() {
        let stopped = |days: i64| {
            let at = chrono::DateTime::from_timestamp(NOW - days * DAY, 0).unwrap();
            let reason = format!("User initiated ({} GMT)", at.format("%F %T"));
            let instance = Instance { state: InstanceStateName::Stopped, reason: Some(reason), ..running() };
            vec![resource("i-1", "a", Kind::Instance(instance.into()))]
        };
        assert_eq!(findings(stopped(13), &known("i-1")), []);
        let reason = Reason::Stopped { days: 20 };
        let expected = [("i-1".to_owned(), reason, Some(Obstacle::Recorded))];
        assert_eq!(findings(stopped(20), &known("i-1")), expected);
    }

    #[test]
    fn volumes_that_are_not_attached_and_snapshots_are_reported() {
        let volume = |attempt| resource("vol-1", attempt, Kind::Volume { gigabytes: 8, instance: None });
        let known = known("i-1");
        let of_dock = vec![instance("i-1", "a"), volume("a")];
        let expected = [("vol-1".to_owned(), Reason::Unattached, Some(Obstacle::Recorded))];
        assert_eq!(findings(of_dock, &known), expected);
        assert_eq!(findings(vec![volume("b")], &known), [("vol-1".to_owned(), Reason::NoRecord, None)]);
        let snapshot = resource("snap-1", "b", Kind::Snapshot { gigabytes: 8 });
        let expected = [("snap-1".to_owned(), Reason::Kept, Some(Obstacle::Kept))];
        assert_eq!(findings(vec![snapshot], &known), expected);
    }
}
