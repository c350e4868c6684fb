//! `instance.json`, beside the record of a dock on EC2: what create-dock made for it, what it costs, when it stops.
//!
//! It is read strictly: an unknown key, a value of another form and a file of another version are errors. It is never
//! evaluated, and it contains no credential.

use std::io;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::file::replace_private;
use crate::{
    Attempt, AwsName, Dock, Docks, Error, IdleLimit, InstanceType, Invalid, Minutes, ResourceId, Result, Zone,
};

/// The file's name in a dock's folder.
pub(crate) const FILE: &str = "instance.json";

/// The largest file, in bytes.
const MAX_SIZE: u64 = 64 << 10;

/// What create-dock knows about the instance of a dock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The attempt that created it, which its tags contain too.
    pub attempt: Attempt,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// Its type.
    pub instance_type: InstanceType,
    /// Its availability zone.
    pub zone: Zone,
    /// The image (AMI) that it was started from.
    pub image: ResourceId,
    /// Its security groups.
    pub groups: Vec<SecurityGroup>,
    /// Its key pair.
    pub key: KeyPair,
    /// The size of its disk in GiB.
    pub disk_size: u32,
    /// The prices at its creation; `None` if they are not known.
    pub price: Option<Price>,
    /// After which idle time it stops itself.
    pub idle: IdleLimit,
    /// After which time it stops itself in any case.
    pub ttl: Option<Minutes>,
    /// Its spot request, if it is a spot instance.
    pub spot: Option<SpotRequest>,
}

/// A security group of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    /// Its ID, `sg-…`.
    pub id: ResourceId,
    /// Whether create-dock created it for this dock. Groups of the user's are neither changed nor deleted.
    pub made_by_us: bool,
}

/// The key pair of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPair {
    /// Its name.
    pub name: AwsName,
    /// Whether create-dock imported it for this dock.
    pub made_by_us: bool,
}

/// What an instance costs, as AWS's price list had it on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Dollars for an hour in which the instance runs.
    pub per_hour: Dollars,
    /// Dollars for a month of its disk, also while it is stopped; `None` if the price is not known.
    pub disk_per_month: Option<Dollars>,
    /// The day of the price list.
    pub date: NaiveDate,
}

/// An amount of US dollars: not negative, and at most a million.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Dollars(f64);

/// A spot request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotRequest {
    /// Its ID, `sir-…`.
    pub id: ResourceId,
    /// Whether EC2 starts the instance again.
    pub kind: SpotKind,
}

/// The kind of a spot request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpotKind {
    /// EC2 terminates the instance when it needs the capacity; it cannot be stopped.
    OneTime,
    /// EC2 stops the instance when it needs the capacity, and starts it again later.
    Persistent,
}

impl Dollars {
    /// Returns the amount.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Dollars {
    type Err = Invalid;

    /// Parses a price that a user is ready to pay, which is more than 0.
    fn from_str(text: &str) -> std::result::Result<Self, Invalid> {
        let is_plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        let amount = text.parse().ok().filter(|amount: &f64| is_plain && *amount > 0.0);
        let amount = amount.and_then(|amount| amount.try_into().ok());
        let form = "write an amount of dollars greater than 0, as in 0.25";
        amount.ok_or_else(|| Invalid { value: text.to_owned(), what: "price", form })
    }
}

/// An amount that is not a price.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is not a price in dollars")]
pub struct NotAPrice(f64);

impl TryFrom<f64> for Dollars {
    type Error = NotAPrice;

    fn try_from(amount: f64) -> std::result::Result<Self, NotAPrice> {
        if (0.0..=1e6).contains(&amount) { Ok(Dollars(amount)) } else { Err(NotAPrice(amount)) }
    }
}

/// The file: an instance, and the version of the format.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Format {
    #[serde(rename = "1")]
    One(Instance),
}

impl Instance {
    /// Parses the contents of a file.
    ///
    /// # Errors
    /// Fails if they are not an instance in the format of this version.
    pub fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes).map(|Format::One(instance)| instance)
    }

    /// Returns the contents of its file.
    ///
    /// # Errors
    /// Fails if a value cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(&Format::One(self.clone()))
    }
}

impl Docks {
    /// Returns what create-dock knows about the instance of a dock; `None` if create-dock did not create the dock.
    ///
    /// # Errors
    /// Returns [`Error::Instance`] if the file is not valid, and [`Error::Io`] if it cannot be read.
    pub fn instance(&self, dock: &Dock) -> Result<Option<Instance>> {
        let file = self.folder(dock).join(FILE);
        let bytes = match dockerutils_file::read_at_most(&file, MAX_SIZE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(Error::io("read", &file))?,
        };
        Instance::parse(&bytes).map(Some).map_err(|source| Error::Instance { file, source })
    }

    /// Writes what is known about the instance of a registered dock.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn set_instance(&self, dock: &Dock, instance: &Instance) -> Result {
        let file = self.folder(dock).join(FILE);
        let json = instance.to_json().map_err(|error| Error::io("written", &file)(error.into()))?;
        let _lock = self.lock()?;
        self.make_folder(dock)?;
        replace_private(&file, &json)
    }
}
