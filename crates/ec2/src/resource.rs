//! What exists on EC2 because of create-dock: resources with our tags, as one kind of value.

use std::fmt;

use aws_sdk_ec2::primitives::{DateTime, DateTimeFormat as Format};
use aws_sdk_ec2::types::Tag;

use crate::Instance;

/// The tag that names the dock.
pub const TAG_DOCK: &str = "dockerutils:dock";

/// The tag that names the user who created the dock.
pub const TAG_OWNER: &str = "dockerutils:owner";

/// The tag that names the attempt at creating the dock, which all of its resources share.
pub const TAG_ATTEMPT: &str = "dockerutils:attempt";

/// The tag with the time of the creation.
pub const TAG_CREATED: &str = "dockerutils:created";

/// The tag of a snapshot that `destroy-dock --keep-data` has made; its value is the ID of the instance.
pub const TAG_KEPT: &str = "dockerutils:kept-from";

/// What our tags of a resource contain; empty if a tag is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The dock's name.
    pub dock: String,
    /// The name of the user who created it.
    pub owner: String,
    /// The attempt at creating it.
    pub attempt: String,
}

/// A resource with our tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The ID by which it is deleted.
    pub id: String,
    /// The region that it is in.
    pub region: String,
    /// What its tags contain.
    pub origin: Origin,
    /// When it was created, in seconds since 1970, if a tag or EC2 contains that.
    pub created: Option<i64>,
    /// What it is.
    pub kind: Kind,
}

/// A kind of resource, with what decides whether it is still needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A machine that is not terminated.
    Instance(Box<Instance>),
    /// A disk.
    Volume {
        /// Its size.
        gigabytes: i32,
        /// The instance that it is attached to.
        instance: Option<String>,
    },
    /// A copy of a disk.
    Snapshot {
        /// The size of the disk.
        gigabytes: i32,
    },
    /// A security group.
    SecurityGroup,
    /// A public key.
    KeyPair {
        /// Its name, by which instances name it.
        name: String,
    },
    /// A public address.
    Address,
    /// A request for spot instances that can still launch one.
    SpotRequest {
        /// The instance that it has launched.
        instance: Option<String>,
    },
}

impl Origin {
    /// Returns what tags contain, and the time of the creation in seconds since 1970.
    pub(crate) fn of_tags(tags: &[Tag]) -> (Self, Option<i64>) {
        let value = |key: &str| tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value);
        let text = |key| value(key).unwrap_or_default().to_owned();
        let created = value(TAG_CREATED).and_then(|time| DateTime::from_str(time, Format::DateTime).ok());
        let origin = Origin { dock: text(TAG_DOCK), owner: text(TAG_OWNER), attempt: text(TAG_ATTEMPT) };
        (origin, created.map(|time| time.secs()))
    }
}

impl Resource {
    /// Creates a resource of this kind from what EC2 returns; its region is empty. A tag with the time of the creation comes
    /// before EC2's own.
    pub(crate) fn new(id: Option<&str>, tags: &[Tag], created: Option<&DateTime>, kind: Kind) -> Self {
        let (origin, of_tag) = Origin::of_tags(tags);
        Resource {
            id: id.unwrap_or_default().to_owned(),
            region: String::new(),
            origin,
            created: of_tag.or(created.map(DateTime::secs)),
            kind,
        }
    }
}

impl Kind {
    /// Returns the name of the kind, as messages and `gc-docks --json` contain it.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Instance(_) => "instance",
            Kind::Volume { .. } => "volume",
            Kind::Snapshot { .. } => "snapshot",
            Kind::SecurityGroup => "security group",
            Kind::KeyPair { .. } => "key pair",
            Kind::Address => "address",
            Kind::SpotRequest { .. } => "spot request",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.id)
    }
}
