//! Disks.

use aws_sdk_ec2::operation::delete_volume::DeleteVolumeError;
use aws_sdk_ec2::operation::describe_volumes::DescribeVolumesError;

use super::Tagged;
use crate::resource::{Kind, Origin, Resource};
use crate::{Call, Clients, SdkResult, Words};

/// Lists volumes. The regions of the resources are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeVolumes(pub Tagged);

impl Call for DescribeVolumes {
    type Output = Vec<Resource>;
    type Error = DescribeVolumesError;
    const ACTION: &'static str = "ec2:DescribeVolumes";
    const READS: bool = true;

    fn resource(&self) -> String {
        "volumes".to_owned()
    }

    fn words(&self) -> Words {
        self.0.words()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Resource>, DescribeVolumesError> {
        let pages = clients.ec2.describe_volumes().filters(self.0.filter()).into_paginator();
        let volumes = pages.items().send().collect::<Result<Vec<_>, _>>().await?;
        let resource = |volume: &aws_sdk_ec2::types::Volume| {
            let (origin, created) = Origin::of_tags(volume.tags());
            Resource {
                id: volume.volume_id().unwrap_or_default().to_owned(),
                region: String::new(),
                origin,
                created: created.or(volume.create_time().map(aws_sdk_ec2::primitives::DateTime::secs)),
                kind: Kind::Volume {
                    gigabytes: volume.size().unwrap_or_default(),
                    is_attached: !volume.attachments().is_empty(),
                },
            }
        };
        Ok(volumes.iter().map(resource).collect())
    }
}

/// Deletes a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteVolume<'a>(pub &'a str);

impl Call for DeleteVolume<'_> {
    type Output = ();
    type Error = DeleteVolumeError;
    const ACTION: &'static str = "ec2:DeleteVolume";

    fn resource(&self) -> String {
        format!("volume {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--volume-id", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), DeleteVolumeError> {
        clients.ec2.delete_volume().volume_id(self.0).send().await.map(drop)
    }
}
