//! Security groups.

use aws_sdk_ec2::operation::delete_security_group::DeleteSecurityGroupError;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsError;

use super::Tagged;
use crate::resource::{Kind, Origin, Resource};
use crate::{Call, Clients, SdkResult, Words};

/// Lists security groups with our tags. The regions of the resources are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeTaggedSecurityGroups(pub Tagged);

impl Call for DescribeTaggedSecurityGroups {
    type Output = Vec<Resource>;
    type Error = DescribeSecurityGroupsError;
    const ACTION: &'static str = "ec2:DescribeSecurityGroups";
    const READS: bool = true;

    fn resource(&self) -> String {
        "security groups".to_owned()
    }

    fn words(&self) -> Words {
        self.0.words()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Resource>, DescribeSecurityGroupsError> {
        let pages = clients.ec2.describe_security_groups().filters(self.0.filter()).into_paginator();
        let groups = pages.items().send().collect::<Result<Vec<_>, _>>().await?;
        let resource = |group: &aws_sdk_ec2::types::SecurityGroup| {
            let (origin, created) = Origin::of_tags(group.tags());
            let id = group.group_id().unwrap_or_default().to_owned();
            Resource { id, region: String::new(), origin, created, kind: Kind::SecurityGroup }
        };
        Ok(groups.iter().map(resource).collect())
    }
}

/// Deletes a security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteSecurityGroup<'a>(pub &'a str);

impl Call for DeleteSecurityGroup<'_> {
    type Output = ();
    type Error = DeleteSecurityGroupError;
    const ACTION: &'static str = "ec2:DeleteSecurityGroup";

    fn resource(&self) -> String {
        format!("security group {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--group-id", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), DeleteSecurityGroupError> {
        clients.ec2.delete_security_group().group_id(self.0).send().await.map(drop)
    }
}
