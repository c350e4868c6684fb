//! What instance types have, and in which zones they are offered.

use aws_sdk_ec2::operation::describe_instance_type_offerings::DescribeInstanceTypeOfferingsError;
use aws_sdk_ec2::operation::describe_instance_types::DescribeInstanceTypesError;
use aws_sdk_ec2::types::{Filter as SdkFilter, InstanceType, InstanceTypeInfo, LocationType};

use crate::{Call, Clients, SdkResult, Words};

/// Returns what these instance types have.
#[derive(Debug, Clone)]
pub struct DescribeInstanceTypes(pub Vec<String>);

impl Call for DescribeInstanceTypes {
    type Output = Vec<InstanceTypeInfo>;
    type Error = DescribeInstanceTypesError;
    const ACTION: &'static str = "ec2:DescribeInstanceTypes";
    const READS: bool = true;

    fn resource(&self) -> String {
        self.0.join(", ")
    }

    fn words(&self) -> Words {
        Words::new().with_all("--instance-types", &self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let types = self.0.iter().map(|name| InstanceType::from(name.as_str())).collect();
        let response = clients.ec2.describe_instance_types().set_instance_types(Some(types)).send().await?;
        Ok(response.instance_types.unwrap_or_default())
    }
}

/// Returns where instance types are offered: these in each zone, or all of the region.
#[derive(Debug, Clone)]
pub enum DescribeInstanceTypeOfferings {
    /// The zones of these types.
    ZonesOf(Vec<String>),
    /// Every type of the region.
    AllOfRegion,
}

/// A type that is offered at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offering {
    /// The type's name.
    pub instance_type: String,
    /// The zone or region.
    pub location: String,
}

impl Call for DescribeInstanceTypeOfferings {
    type Output = Vec<Offering>;
    type Error = DescribeInstanceTypeOfferingsError;
    const ACTION: &'static str = "ec2:DescribeInstanceTypeOfferings";
    const READS: bool = true;

    fn resource(&self) -> String {
        match self {
            Self::ZonesOf(types) => types.join(", "),
            Self::AllOfRegion => "the region".to_owned(),
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::ZonesOf(types) => Words::new()
                .with("--location-type", "availability-zone")
                .with("--filters", format!("Name=instance-type,Values={}", types.join(","))),
            Self::AllOfRegion => Words::new().with("--location-type", "region"),
        }
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let request = clients.ec2.describe_instance_type_offerings();
        let request = match self {
            Self::ZonesOf(types) => request
                .location_type(LocationType::AvailabilityZone)
                .filters(SdkFilter::builder().name("instance-type").set_values(Some(types.clone())).build()),
            Self::AllOfRegion => request.location_type(LocationType::Region),
        };
        let offerings = request.into_paginator().items().send().try_collect().await?;
        let offering = |offering: aws_sdk_ec2::types::InstanceTypeOffering| Offering {
            instance_type: offering.instance_type.map(|name| name.as_str().to_owned()).unwrap_or_default(),
            location: offering.location.unwrap_or_default(),
        };
        Ok(offerings.into_iter().map(offering).collect())
    }
}
