//! The calls, one kind of resource a file.

mod addresses;
mod instances;
mod key_pairs;
mod protection;
mod regions;
mod security_groups;
mod snapshots;
mod spot_requests;
mod tagged;
mod volumes;

pub use addresses::{DescribeAddresses, ReleaseAddress};
pub use instances::{DescribeInstances, StartInstances, StopInstances, TerminateInstances};
pub use key_pairs::{DeleteKeyPair, DescribeTaggedKeyPairs};
pub use protection::{DescribeProtection, LiftProtection};
pub use regions::DescribeRegions;
pub use security_groups::{DeleteSecurityGroup, DescribeTaggedSecurityGroups};
pub use snapshots::{CreateSnapshot, DescribeSnapshots, Snapshot};
pub use spot_requests::{CancelSpotRequests, DescribeSpotRequests, SpotRequest};
pub use tagged::Tagged;
pub use volumes::{DeleteVolume, DescribeVolumes};
