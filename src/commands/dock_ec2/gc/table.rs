//! What was found, as a table and as JSON. Programs rely on the names of the JSON's fields: they are never changed.

use std::collections::BTreeMap;

use dockerutils_ec2::Account;
use dockerutils_ec2::calls::GetProducts;
use dockerutils_ec2::resource::{Kind, Resource};
use dockerutils_ec2::selection::{Finding, Limits, Obstacle, Reason};
use serde::Serialize;

use super::journals::DeadJournal;
use crate::ui::{self, Age, Align};

/// The hours of a month, as AWS counts them.
const HOURS: f64 = 730.0;

/// Prices in us-east-1, in dollars a month: a GiB of a gp3 disk, a GiB of a snapshot, and a public address.
const DISK: f64 = 0.08;
const SNAPSHOT: f64 = 0.05;
const ADDRESS: f64 = 0.005 * HOURS;

/// Prices of instances, in dollars an hour, by region and type.
pub(super) type Prices = BTreeMap<(String, String), f64>;

/// Looks up the prices of the instances that were found. Those that are not known are left out.
pub(super) async fn prices(accounts: &[Account<'_>], findings: &[(usize, Finding)]) -> Prices {
    let mut prices = Prices::new();
    for (index, finding) in findings {
        let Kind::Instance(instance) = &finding.resource.kind else { continue };
        let key = (finding.resource.region.clone(), instance.instance_type.clone());
        if !prices.contains_key(&key) {
            let (region, instance_type) = key.clone();
            let price = accounts[*index].call(&GetProducts::Hour { instance_type, region }).await;
            prices.extend(price.ok().flatten().map(|price| (key, price)));
        }
    }
    prices
}

/// Returns what a resource costs in a month, as far as that is known. A stopped instance costs no more than its disk, whose
/// size is not known here.
fn cost(resource: &Resource, prices: &Prices) -> Option<f64> {
    match &resource.kind {
        Kind::Instance(instance) if instance.is_stopped() => None,
        Kind::Instance(instance) => {
            let price = prices.get(&(resource.region.clone(), instance.instance_type.clone()))?;
            Some(price * HOURS)
        }
        Kind::Volume { gigabytes, .. } => Some(f64::from(*gigabytes) * DISK),
        Kind::Snapshot { gigabytes, .. } => Some(f64::from(*gigabytes) * SNAPSHOT),
        Kind::Address => Some(ADDRESS),
        Kind::SecurityGroup | Kind::KeyPair { .. } | Kind::SpotRequest { .. } => Some(0.0),
    }
}

fn reason(reason: Reason) -> String {
    match reason {
        Reason::NoRecord => "no record".to_owned(),
        Reason::UnfinishedCreation => "its creation was interrupted".to_owned(),
        Reason::Stopped { days } => format!("stopped for {days} days"),
        Reason::Unattached => "not attached".to_owned(),
        Reason::Kept => "kept by destroy-dock".to_owned(),
    }
}

/// Returns why a resource is not deleted.
fn obstacle(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::OtherOwner => "of another user",
        Obstacle::Young => "too young to be deleted",
        Obstacle::Protected => "protected",
        Obstacle::Recorded => "has a record: destroy-dock",
        Obstacle::Kept => "delete it with aws ec2 delete-snapshot",
    }
}

/// Renders one line for each finding and each journal.
pub(super) fn table(
    findings: &[&Finding],
    journals: &[DeadJournal],
    prices: &Prices,
    limits: &Limits,
) -> String {
    let columns = [
        ("WHAT", Align::Left),
        ("ID", Align::Left),
        ("REGION", Align::Left),
        ("DOCK", Align::Left),
        ("OWNER", Align::Left),
        ("AGE", Align::Right),
        ("$/MONTH", Align::Right),
        ("WHY", Align::Left),
    ];
    let age = |created: Option<i64>| {
        created.map_or("?".to_owned(), |created| Age::of_seconds(limits.now - created).to_string())
    };
    let of_finding = |finding: &&Finding| {
        let resource = &finding.resource;
        let obstacle = finding.obstacle.map(|it| format!(", {}", obstacle(it))).unwrap_or_default();
        [
            resource.kind.name().to_owned(),
            resource.id.clone(),
            resource.region.clone(),
            resource.origin.dock.clone(),
            resource.origin.owner.clone(),
            age(resource.created),
            cost(resource, prices).map_or("?".to_owned(), |cost| format!("{cost:.2}")),
            reason(finding.reason) + &obstacle,
        ]
    };
    let of_journal = |journal: &DeadJournal| {
        [
            "journal".to_owned(),
            journal.attempt.clone(),
            journal.region.clone(),
            journal.dock.clone(),
            limits.owner.clone(),
            age(Some(journal.begun)),
            String::new(),
            format!("create-dock was interrupted: `create-dock {} --resume` finishes it", journal.dock),
        ]
    };
    let rows = findings.iter().map(of_finding).chain(journals.iter().map(of_journal));
    ui::table(columns, rows)
}

/// A finding in JSON.
#[derive(Serialize)]
struct Entry<'a> {
    what: &'static str,
    id: &'a str,
    region: &'a str,
    dock: &'a str,
    owner: &'a str,
    attempt: &'a str,
    /// Seconds since its creation.
    age: Option<i64>,
    dollars_per_month: Option<f64>,
    why: String,
    /// Why `--yes` does not delete it.
    obstacle: Option<&'static str>,
}

/// Returns what is serialized as JSON: one object for each finding and each journal.
pub(super) fn json<'a>(
    findings: &'a [&Finding],
    journals: &'a [DeadJournal],
    prices: &Prices,
    limits: &'a Limits,
) -> impl Serialize + use<'a> {
    let of_finding = |finding: &&'a Finding| {
        let resource = &finding.resource;
        Entry {
            what: resource.kind.name(),
            id: &resource.id,
            region: &resource.region,
            dock: &resource.origin.dock,
            owner: &resource.origin.owner,
            attempt: &resource.origin.attempt,
            age: resource.created.map(|created| limits.now - created),
            dollars_per_month: cost(resource, prices),
            why: reason(finding.reason),
            obstacle: finding.obstacle.map(obstacle),
        }
    };
    let of_journal = |journal: &'a DeadJournal| Entry {
        what: "journal",
        id: &journal.attempt,
        region: &journal.region,
        dock: &journal.dock,
        owner: &limits.owner,
        attempt: &journal.attempt,
        age: Some(limits.now - journal.begun),
        dollars_per_month: None,
        why: "create-dock was interrupted".to_owned(),
        obstacle: None,
    };
    findings.iter().map(of_finding).chain(journals.iter().map(of_journal)).collect::<Vec<_>>()
}
