//! Who the caller is, and what a refusal means: calls to STS.

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;

use crate::{Call, Clients, SdkResult, Words};

/// Returns who the caller is.
#[derive(Debug, Clone, Copy)]
pub struct GetCallerIdentity;

/// A caller of AWS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The number of the account.
    pub account: String,
    /// The user or role.
    pub arn: String,
}

impl Caller {
    /// Returns the caller's name: the last part of the ARN.
    pub fn name(&self) -> &str {
        self.arn.rsplit(['/', ':']).next().unwrap_or(&self.arn)
    }
}

impl Call for GetCallerIdentity {
    type Output = Caller;
    type Error = GetCallerIdentityError;
    const ACTION: &'static str = "sts:GetCallerIdentity";
    const READS: bool = true;

    fn resource(&self) -> String {
        "your credentials".to_owned()
    }

    fn words(&self) -> Words {
        Words::new()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Caller, Self::Error> {
        let response = clients.sts.get_caller_identity().send().await?;
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        Ok(Caller { account: text(response.account()), arn: text(response.arn()) })
    }
}
