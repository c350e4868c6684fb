//! What was found, as a table and as JSON. Programs rely on the names of the JSON's fields: they are never changed.

use std::collections::{BTreeMap, BTreeSet};

use dockerutils_ec2::Account;
use dockerutils_ec2::calls::GetProducts;
use dockerutils_ec2::resource::{Kind, Resource};
use dockerutils_ec2::selection::{Finding, Limits, Obstacle, Reason};
use serde::Serialize;

use super::journals::DeadJournal;
use crate::ui::{self, Age, Align};

/// The hours of a month, as AWS counts them.
const HOURS: f64 = 730.0;

/// The price of a public address in dollars a month, which is the same in all regions.
const ADDRESS: f64 = 0.005 * HOURS;

/// The size of the disks that are attached to an instance, in GB, by its ID.
pub(super) type Disks = BTreeMap<String, i32>;

/// Returns the sizes of the disks of all instances. Two accounts may be the same one, with the same disks.
pub(super) fn disks<'a>(resources: impl Iterator<Item = &'a Resource>) -> Disks {
    let (mut disks, mut seen) = (Disks::new(), BTreeSet::new());
    for resource in resources {
        if let Kind::Volume { gigabytes, instance: Some(instance) } = &resource.kind
            && seen.insert(&resource.id)
        {
            *disks.entry(instance.clone()).or_default() += gigabytes;
        }
    }
    disks
}

/// What it takes to know the costs of what was found.
pub(super) struct Prices {
    /// The prices of the price list, in dollars.
    products: BTreeMap<GetProducts, f64>,
    disks: Disks,
}

/// Looks up the prices of what was found. Those that are not known are left out.
pub(super) async fn prices(accounts: &[Account<'_>], findings: &[(usize, Finding)], disks: Disks) -> Prices {
    let mut prices = Prices { products: BTreeMap::new(), disks };
    for (index, finding) in findings {
        for (product, _) in prices.charges(&finding.resource) {
            if !prices.products.contains_key(&product) {
                let price = accounts[*index].call(&product).await.ok().flatten();
                prices.products.extend(price.map(|price| (product, price)));
            }
        }
    }
    prices
}

impl Prices {
    /// Returns the products of the price list that a resource is paid as, and how much of each in a month.
    fn charges(&self, resource: &Resource) -> Vec<(GetProducts, f64)> {
        let region = resource.region.clone();
        let disk = |gigabytes: i32| (GetProducts::DiskMonth { region: region.clone() }, f64::from(gigabytes));
        match &resource.kind {
            Kind::Instance(instance) => {
                // Its disks are paid for whether it runs or not.
                let mut charges: Vec<_> =
                    self.disks.get(&resource.id).map(|size| disk(*size)).into_iter().collect();
                if !instance.is_stopped() {
                    let instance_type = instance.instance_type.clone();
                    charges.push((GetProducts::Hour { instance_type, region }, HOURS));
                }
                charges
            }
            Kind::Volume { gigabytes, .. } => vec![disk(*gigabytes)],
            Kind::Snapshot { gigabytes } => {
                vec![(GetProducts::SnapshotMonth { region }, f64::from(*gigabytes))]
            }
            Kind::SecurityGroup | Kind::KeyPair { .. } | Kind::Address | Kind::SpotRequest { .. } => {
                Vec::new()
            }
        }
    }

    /// Returns what a resource costs in a month, as far as that is known.
    fn cost(&self, resource: &Resource) -> Option<f64> {
        let fixed = if resource.kind == Kind::Address { ADDRESS } else { 0.0 };
        let charges = self.charges(resource);
        let costs = charges.iter().map(|(product, amount)| Some(self.products.get(product)? * amount));
        costs.sum::<Option<f64>>().map(|costs| costs + fixed)
    }
}

fn reason(reason: Reason) -> String {
    match reason {
        Reason::NoRecord => "no record".to_owned(),
        Reason::UnfinishedCreation => "its creation was interrupted".to_owned(),
        Reason::Stopped { days } => format!("stopped for {days} days"),
        Reason::Unattached => "not attached".to_owned(),
        Reason::Kept => "a copy that is kept".to_owned(),
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
            prices.cost(resource).map_or("?".to_owned(), |cost| format!("{cost:.2}")),
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
            dollars_per_month: prices.cost(resource),
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
