//! The regions of the account.

use aws_sdk_ec2::operation::describe_regions::DescribeRegionsError;

use crate::{Call, Clients, SdkResult, Words};

/// Lists the names of the regions that are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DescribeRegions;

impl Call for DescribeRegions {
    type Output = Vec<String>;
    type Error = DescribeRegionsError;
    const ACTION: &'static str = "ec2:DescribeRegions";
    const READS: bool = true;

    fn resource(&self) -> String {
        "regions".to_owned()
    }

    fn words(&self) -> Words {
        Words::new()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<String>, DescribeRegionsError> {
        let found = clients.ec2.describe_regions().send().await?;
        Ok(found.regions().iter().filter_map(|region| region.region_name().map(str::to_owned)).collect())
    }
}
