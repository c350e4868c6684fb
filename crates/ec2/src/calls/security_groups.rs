//! Security groups.

use aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupError;
use aws_sdk_ec2::operation::delete_security_group::DeleteSecurityGroupError;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsError;
use aws_sdk_ec2::types::ResourceType;

use super::Tagged;
use super::once::once;
use crate::resource::{Kind, Resource};
use crate::{Call, Clients, SdkResult, Tags, Words};

/// Creates a security group without rules, and returns its ID.
#[derive(Debug, Clone)]
pub struct CreateSecurityGroup {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its VPC.
    pub vpc: String,
    /// Its tags.
    pub tags: Tags,
}

impl Call for CreateSecurityGroup {
    type Output = String;
    type Error = CreateSecurityGroupError;
    const ACTION: &'static str = "ec2:CreateSecurityGroup";

    fn resource(&self) -> String {
        format!("security group {}", self.name)
    }

    fn words(&self) -> Words {
        let words = Words::new()
            .with("--group-name", &self.name)
            .with("--description", &self.description)
            .with("--vpc-id", &self.vpc);
        self.tags.words(words, &[ResourceType::SecurityGroup])
    }

    async fn send(&self, clients: &Clients) -> SdkResult<String, Self::Error> {
        let response = clients
            .ec2
            .create_security_group()
            .group_name(&self.name)
            .description(&self.description)
            .vpc_id(&self.vpc)
            .tag_specifications(self.tags.specification(ResourceType::SecurityGroup))
            .customize()
            .config_override(once())
            .send()
            .await?;
        Ok(response.group_id.unwrap_or_default())
    }
}

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
            Resource::new(group.group_id(), group.tags(), None, Kind::SecurityGroup)
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
