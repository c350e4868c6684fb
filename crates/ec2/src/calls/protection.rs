//! The protection of an instance against termination.

use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeError;
use aws_sdk_ec2::operation::modify_instance_attribute::ModifyInstanceAttributeError;
use aws_sdk_ec2::types::{AttributeBooleanValue, InstanceAttributeName};

use crate::{Call, Clients, Id, SdkResult, Words};

/// Returns whether an instance is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DescribeProtection<'a>(pub &'a str);

impl Call for DescribeProtection<'_> {
    type Output = bool;
    type Error = DescribeInstanceAttributeError;
    const ACTION: &'static str = "ec2:DescribeInstanceAttribute";
    const READS: bool = true;

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-id", self.0).with("--attribute", "disableApiTermination")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<bool, DescribeInstanceAttributeError> {
        let call = clients.ec2.describe_instance_attribute().instance_id(self.0);
        let attributes = call.attribute(InstanceAttributeName::DisableApiTermination).send().await?;
        Ok(attributes.disable_api_termination().and_then(AttributeBooleanValue::value).unwrap_or(false))
    }
}

/// Protects an instance, or lifts its protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetProtection {
    /// The instance.
    pub instance: Id,
    /// Whether it is protected from then on.
    pub is_on: bool,
}

impl Call for SetProtection {
    type Output = ();
    type Error = ModifyInstanceAttributeError;
    const ACTION: &'static str = "ec2:ModifyInstanceAttribute";

    fn resource(&self) -> String {
        format!("instance {}", self.instance)
    }

    fn words(&self) -> Words {
        let flag = if self.is_on { "--disable-api-termination" } else { "--no-disable-api-termination" };
        Words::new().with_id("--instance-id", &self.instance).flag(flag)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), ModifyInstanceAttributeError> {
        let value = AttributeBooleanValue::builder().value(self.is_on).build();
        let call = clients.ec2.modify_instance_attribute().set_instance_id(self.instance.known());
        call.disable_api_termination(value).send().await.map(drop)
    }
}
