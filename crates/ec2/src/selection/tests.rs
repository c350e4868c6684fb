//! Which resources are left over, for each kind and reason.

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
    let dock = vec![resource("i-1", "a", protected), resource("sg-1", "a", Kind::SecurityGroup), key("b")];
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
