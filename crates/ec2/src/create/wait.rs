//! Waiting until a machine has an address.

use std::time::{Duration, Instant};

use aws_sdk_ec2::types::InstanceStateName;

use super::CreateError;
use crate::calls::DescribeInstances;
use crate::{Account, Instance, Result};

/// How long EC2 may not know a machine that it has just started.
const UNKNOWN: Duration = Duration::from_secs(60);

/// How long a machine may take until it runs and has an address.
const STARTING: Duration = Duration::from_secs(300);

/// How long a machine may run without an address: EC2 assigns one before the machine runs, and shows it a little later.
const WITHOUT_ADDRESS: Duration = Duration::from_secs(60);

/// Waits until the machine runs and has an address, or is stopped, and returns it.
pub(super) async fn until_settled(account: &Account<'_>, id: &str, is_private: bool) -> Result<Instance> {
    let (start, mut running_since) = (Instant::now(), None);
    let listing = DescribeInstances::with_id(id);
    loop {
        let found = account.call(&listing).await?.into_iter().next();
        if found.as_ref().is_some_and(is_running) {
            running_since.get_or_insert_with(Instant::now);
        }
        let is_without_address = running_since.is_some_and(|since| since.elapsed() > WITHOUT_ADDRESS);
        match found {
            Some(instance) if instance.is_gone() || has_failed(&instance) => {
                return Err(ended(instance).into());
            }
            Some(instance) if instance.is_stopped() => return Ok(instance),
            Some(instance) if address(&instance, is_private).is_some() && is_running(&instance) => {
                return Ok(instance);
            }
            Some(instance) if is_without_address || start.elapsed() > STARTING => {
                return Err(CreateError::NoAddress { instance: instance.id }.into());
            }
            None if start.elapsed() > UNKNOWN => {
                return Err(CreateError::NotShown { instance: id.to_owned() }.into());
            }
            _ => {}
        }
        // At first it is a matter of a second; later, calls would only be throttled.
        let pause = if start.elapsed() < Duration::from_secs(10) { 1 } else { 3 };
        account.pause(Duration::from_secs(pause)).await?;
    }
}

/// Returns the address under which the machine is reached.
pub(super) fn address(instance: &Instance, is_private: bool) -> Option<&str> {
    let address = if is_private { &instance.private_address } else { &instance.public_address };
    address.as_deref()
}

fn is_running(instance: &Instance) -> bool {
    instance.state == InstanceStateName::Running
}

/// Returns whether EC2 has given up starting the machine, and is about to terminate it.
fn has_failed(instance: &Instance) -> bool {
    let is_failure = |code: &str| code.starts_with("Client.") || code.starts_with("Server.");
    instance.state == InstanceStateName::Pending && instance.reason_code.as_deref().is_some_and(is_failure)
}

/// Returns the error for a machine that has ended.
pub(super) fn ended(instance: Instance) -> CreateError {
    let code = instance.reason_code.unwrap_or_default();
    let remedy = match code.as_str() {
        code if code.contains("VolumeLimitExceeded") => {
            ": delete volumes that you do not need, or request a larger quota for storage of EBS volumes"
        }
        code if code.contains("InvalidKMSKey") || code.contains("KMS") => {
            ": check the state and the policy of the key that EBS encrypts with in this region"
        }
        _ => "",
    };
    let reason = [Some(code), instance.reason].into_iter().flatten().filter(|text| !text.is_empty());
    let reason = reason.collect::<Vec<_>>().join(", ");
    let reason = if reason.is_empty() { "EC2 gives no reason".to_owned() } else { reason };
    CreateError::Ended { instance: instance.id, reason, remedy }
}
