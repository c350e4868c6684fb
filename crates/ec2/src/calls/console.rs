//! The console of an instance.

use aws_sdk_ec2::operation::get_console_output::GetConsoleOutputError;
use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::{Call, Clients, SdkResult, Words};

/// Returns what the console of an instance shows now; empty if EC2 has nothing yet.
#[derive(Debug, Clone)]
pub struct GetConsoleOutput(pub String);

impl Call for GetConsoleOutput {
    type Output = String;
    type Error = GetConsoleOutputError;
    const ACTION: &'static str = "ec2:GetConsoleOutput";
    const READS: bool = true;

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-id", &self.0).flag("--latest").with("--output", "text")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<String, Self::Error> {
        let response = clients.ec2.get_console_output().instance_id(&self.0).latest(true).send().await?;
        let encoded: String = response.output().unwrap_or_default().split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(encoded).unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
