//! Copies of disks.

use aws_sdk_ec2::operation::create_snapshot::CreateSnapshotError;
use aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsError;
use aws_sdk_ec2::types::{ResourceType, SnapshotState, Tag, TagSpecification};

use super::once::once;
use super::tagged::{filter, filter_word};
use crate::resource::{Kind, Origin, Resource, TAG_ATTEMPT, TAG_CREATED, TAG_DOCK, TAG_KEPT, TAG_OWNER};
use crate::{Call, Clients, SdkResult, Words};

/// Which snapshots of the caller's account are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DescribeSnapshots {
    /// All with our tags.
    Tagged,
    /// Those that `destroy-dock --keep-data` has made of this instance.
    KeptFrom(String),
}

/// A snapshot, and whether it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The snapshot; its region is empty.
    pub resource: Resource,
    /// Whether EC2 still copies, is done, or has failed.
    pub state: SnapshotState,
}

impl DescribeSnapshots {
    fn name_and_value(&self) -> (String, &str) {
        match self {
            DescribeSnapshots::Tagged => ("tag-key".to_owned(), TAG_ATTEMPT),
            DescribeSnapshots::KeptFrom(instance) => (format!("tag:{TAG_KEPT}"), instance),
        }
    }
}

impl Call for DescribeSnapshots {
    type Output = Vec<Snapshot>;
    type Error = DescribeSnapshotsError;
    const ACTION: &'static str = "ec2:DescribeSnapshots";
    const READS: bool = true;

    fn resource(&self) -> String {
        "snapshots".to_owned()
    }

    fn words(&self) -> Words {
        let (name, value) = self.name_and_value();
        Words::new().with("--owner-ids", "self").with("--filters", filter_word(&name, [value]))
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Snapshot>, DescribeSnapshotsError> {
        let (name, value) = self.name_and_value();
        // Without the owner, EC2 searches the public snapshots of everyone.
        let call = clients.ec2.describe_snapshots().owner_ids("self").filters(filter(&name, [value]));
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;
        Ok(found.iter().map(Snapshot::new).collect())
    }
}

impl Snapshot {
    fn new(snapshot: &aws_sdk_ec2::types::Snapshot) -> Self {
        let kind = Kind::Snapshot { gigabytes: snapshot.volume_size().unwrap_or_default() };
        let resource = Resource::new(snapshot.snapshot_id(), snapshot.tags(), snapshot.start_time(), kind);
        Snapshot { resource, state: snapshot.state().cloned().unwrap_or(SnapshotState::Pending) }
    }
}

/// Copies a disk, for `destroy-dock --keep-data`. EC2 has no token for this call: repeated, it makes a second copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSnapshot<'a> {
    /// The disk.
    pub volume: &'a str,
    /// The instance that it belongs to.
    pub instance: &'a str,
    /// The tags of the instance.
    pub origin: &'a Origin,
    /// The present time, as the tag contains it.
    pub created: String,
}

impl CreateSnapshot<'_> {
    fn tags(&self) -> Vec<(&'static str, &str)> {
        let Origin { dock, owner, attempt } = self.origin;
        let tags = [
            ("Name", dock.as_str()),
            (TAG_DOCK, dock),
            (TAG_OWNER, owner),
            (TAG_ATTEMPT, attempt),
            (TAG_CREATED, &self.created),
            (TAG_KEPT, self.instance),
        ];
        tags.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

impl Call for CreateSnapshot<'_> {
    type Output = ();
    type Error = CreateSnapshotError;
    const ACTION: &'static str = "ec2:CreateSnapshot";

    fn resource(&self) -> String {
        format!("volume {}", self.volume)
    }

    fn words(&self) -> Words {
        let tags =
            self.tags().into_iter().map(|(key, value)| serde_json::json!({"Key": key, "Value": value}));
        let tags = serde_json::json!([{"ResourceType": "snapshot", "Tags": tags.collect::<Vec<_>>()}]);
        Words::new().with("--volume-id", self.volume).with("--tag-specifications", tags.to_string())
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), CreateSnapshotError> {
        let tag = |(key, value): (&str, &str)| Tag::builder().key(key).value(value).build();
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::Snapshot)
            .set_tags(Some(self.tags().into_iter().map(tag).collect()))
            .build();
        let call = clients.ec2.create_snapshot().volume_id(self.volume).tag_specifications(tags);
        call.customize().config_override(once()).send().await.map(drop)
    }
}
