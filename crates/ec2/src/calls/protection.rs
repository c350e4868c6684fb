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

/// Lifts the protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiftProtection<'a>(pub &'a str);

impl Call for LiftProtection<'_> {
    type Output = ();
    type Error = ModifyInstanceAttributeError;
    const ACTION: &'static str = "ec2:ModifyInstanceAttribute";

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-id", self.0).flag("--no-disable-api-termination")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), ModifyInstanceAttributeError> {
        let off = AttributeBooleanValue::builder().value(false).build();
        let call = clients.ec2.modify_instance_attribute().instance_id(self.0);
        call.disable_api_termination(off).send().await.map(drop)
    }
}

/// Protects an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protect(pub Id);

impl Call for Protect {
    type Output = ();
    type Error = ModifyInstanceAttributeError;
    const ACTION: &'static str = "ec2:ModifyInstanceAttribute";

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with_id("--instance-id", &self.0).flag("--disable-api-termination")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), ModifyInstanceAttributeError> {
        let on = AttributeBooleanValue::builder().value(true).build();
        let call = clients.ec2.modify_instance_attribute().set_instance_id(self.0.known());
        call.disable_api_termination(on).send().await.map(drop)
    }
}
