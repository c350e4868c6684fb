//! Public addresses that outlive an instance.

use aws_sdk_ec2::operation::describe_addresses::DescribeAddressesError;
use aws_sdk_ec2::operation::release_address::ReleaseAddressError;

use super::Tagged;
use crate::resource::{Kind, Resource};
use crate::{Call, Clients, SdkResult, Words};

/// Lists addresses. The regions of the resources are empty, and their IDs are those of the allocations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeAddresses(pub Tagged);

impl Call for DescribeAddresses {
    type Output = Vec<Resource>;
    type Error = DescribeAddressesError;
    const ACTION: &'static str = "ec2:DescribeAddresses";
    const READS: bool = true;

    fn resource(&self) -> String {
        "addresses".to_owned()
    }

    fn words(&self) -> Words {
        self.0.words()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Resource>, DescribeAddressesError> {
        let found = clients.ec2.describe_addresses().filters(self.0.filter()).send().await?;
        let resource = |address: &aws_sdk_ec2::types::Address| {
            Resource::new(address.allocation_id(), address.tags(), None, Kind::Address)
        };
        Ok(found.addresses().iter().map(resource).collect())
    }
}

/// Gives an address back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseAddress<'a>(pub &'a str);

impl Call for ReleaseAddress<'_> {
    type Output = ();
    type Error = ReleaseAddressError;
    const ACTION: &'static str = "ec2:ReleaseAddress";

    fn resource(&self) -> String {
        format!("address {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--allocation-id", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), ReleaseAddressError> {
        clients.ec2.release_address().allocation_id(self.0).send().await.map(drop)
    }
}
