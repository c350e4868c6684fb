//! A machine as EC2 describes it.

use aws_sdk_ec2::types::{InstanceLifecycleType, InstanceStateName};
use chrono::NaiveDateTime;

use crate::resource::Origin;

/// A machine as EC2 describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its ID.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// Its state.
    pub state: InstanceStateName,
    /// Its type, such as `g6.xlarge`.
    pub instance_type: String,
    /// Its availability zone.
    pub zone: String,
    /// When it was started last, in seconds since 1970.
    pub launched: Option<i64>,
    /// Its public address.
    pub public_address: Option<String>,
    /// Its address in the VPC.
    pub private_address: Option<String>,
    /// The IDs of its security groups.
    pub groups: Vec<String>,
    /// The name of its key pair.
    pub key: Option<String>,
    /// The disk that it starts from.
    pub root_volume: Option<String>,
    /// Whether it is a spot instance.
    pub is_spot: bool,
    /// The request that has launched it, if it is a spot instance.
    pub spot_request: Option<String>,
    /// The code of the reason for its state: `Server.SpotInstanceShutdown`.
    pub reason_code: Option<String>,
    /// The reason for its state, in EC2's words: `User initiated (2026-11-27 01:02:03 GMT)`.
    pub reason: Option<String>,
    /// What our tags contain.
    pub origin: Origin,
    /// When it was created, in seconds since 1970, as its tag contains it.
    pub created: Option<i64>,
    /// Whether it cannot be terminated before the protection is lifted; `false` until that has been looked up.
    pub is_protected: bool,
}

impl Instance {
    /// Converts what the SDK returns.
    pub(crate) fn new(account: &str, instance: &aws_sdk_ec2::types::Instance) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let state = instance.state().and_then(|state| state.name()).cloned();
        let reason = owned(instance.state_transition_reason());
        let root = instance.root_device_name();
        let root = instance.block_device_mappings().iter().find(|device| device.device_name() == root);
        let (origin, created) = Origin::of_tags(instance.tags());
        Instance {
            id: text(instance.instance_id()),
            account: account.to_owned(),
            state: state.unwrap_or_else(|| InstanceStateName::from("unknown")),
            instance_type: instance.instance_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            zone: text(instance.placement().and_then(|placement| placement.availability_zone())),
            launched: instance.launch_time().map(aws_sdk_ec2::primitives::DateTime::secs),
            public_address: owned(instance.public_ip_address()),
            private_address: owned(instance.private_ip_address()),
            groups: instance.security_groups().iter().filter_map(|group| owned(group.group_id())).collect(),
            key: owned(instance.key_name()),
            root_volume: owned(root.and_then(|device| device.ebs()?.volume_id())),
            is_spot: instance.instance_lifecycle() == Some(&InstanceLifecycleType::Spot),
            spot_request: owned(instance.spot_instance_request_id()),
            reason_code: owned(instance.state_reason().and_then(|reason| reason.code())),
            reason,
            origin,
            created,
            is_protected: false,
        }
    }

    /// Returns whether it no longer exists, or is about to.
    pub fn is_gone(&self) -> bool {
        matches!(self.state, InstanceStateName::ShuttingDown | InstanceStateName::Terminated)
    }

    /// Returns whether it is stopped, or is about to be.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, InstanceStateName::Stopping | InstanceStateName::Stopped)
    }

    /// Returns since when it is stopped, in seconds since 1970.
    pub fn stopped_at(&self) -> Option<i64> {
        if self.is_stopped() { time_of_reason(self.reason.as_deref()?) } else { None }
    }
}

/// Returns the time in a reason, in seconds since 1970. EC2 has no other place for it.
fn time_of_reason(reason: &str) -> Option<i64> {
    let (_, time) = reason.split_once('(')?;
    let time = NaiveDateTime::parse_from_str(time.get(..19)?, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(time.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_stop_is_in_its_reason() {
        assert_eq!(time_of_reason("User initiated (2026-11-27 01:02:03 GMT)"), Some(1_795_741_323));
        for reason in ["", "User initiated", "User initiated (", "User initiated (yesterday, ünö late)"] {
            assert_eq!(time_of_reason(reason), None, "{reason}");
        }
    }
}
