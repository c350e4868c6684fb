//! VPCs, subnets and their routes.

use aws_sdk_ec2::operation::describe_route_tables::DescribeRouteTablesError;
use aws_sdk_ec2::operation::describe_subnets::DescribeSubnetsError;
use aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsError;
use aws_sdk_ec2::types::{RouteTable, Subnet, Vpc};

use super::tagged::{filter, filter_word};
use crate::{Call, Clients, SdkResult, Words};

/// Returns the default VPC of the region, if it has one.
#[derive(Debug, Clone, Copy)]
pub struct DescribeVpcs;

impl Call for DescribeVpcs {
    type Output = Vec<Vpc>;
    type Error = DescribeVpcsError;
    const ACTION: &'static str = "ec2:DescribeVpcs";
    const READS: bool = true;

    fn resource(&self) -> String {
        "the default VPC".to_owned()
    }

    fn words(&self) -> Words {
        Words::new().with("--filters", filter_word("is-default", ["true"]))
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let is_default = filter("is-default", ["true"]);
        Ok(clients.ec2.describe_vpcs().filters(is_default).send().await?.vpcs.unwrap_or_default())
    }
}

/// Returns the subnets of the region.
#[derive(Debug, Clone, Copy)]
pub struct DescribeSubnets;

impl Call for DescribeSubnets {
    type Output = Vec<Subnet>;
    type Error = DescribeSubnetsError;
    const ACTION: &'static str = "ec2:DescribeSubnets";
    const READS: bool = true;

    fn resource(&self) -> String {
        "the subnets".to_owned()
    }

    fn words(&self) -> Words {
        Words::new()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        clients.ec2.describe_subnets().into_paginator().items().send().try_collect().await
    }
}

/// Returns the route tables of the region.
#[derive(Debug, Clone, Copy)]
pub struct DescribeRouteTables;

impl Call for DescribeRouteTables {
    type Output = Vec<RouteTable>;
    type Error = DescribeRouteTablesError;
    const ACTION: &'static str = "ec2:DescribeRouteTables";
    const READS: bool = true;

    fn resource(&self) -> String {
        "the route tables".to_owned()
    }

    fn words(&self) -> Words {
        Words::new()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        clients.ec2.describe_route_tables().into_paginator().items().send().try_collect().await
    }
}
