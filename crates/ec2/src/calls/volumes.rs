//! Disks.

use aws_sdk_ec2::operation::delete_volume::DeleteVolumeError;
use aws_sdk_ec2::operation::describe_volumes::DescribeVolumesError;

use super::Tagged;
use crate::resource::{Kind, Resource};
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
            let instance = volume.attachments().iter().find_map(|attachment| attachment.instance_id());
            let (gigabytes, instance) = (volume.size().unwrap_or_default(), instance.map(str::to_owned));
            let kind = Kind::Volume { gigabytes, instance };
            Resource::new(volume.volume_id(), volume.tags(), volume.create_time(), kind)
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
