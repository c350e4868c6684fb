//! What EC2 knows about the docks, as `dock-ec2 states` prints it and ls-dock reads it.

use serde::{Deserialize, Serialize};

/// What EC2 knows about the docks.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceStates {
    /// The instances, also those that do not exist any more.
    pub(crate) instances: Vec<InstanceState>,
    /// Why the states of other instances are not known, each one sentence.
    pub(crate) problems: Vec<String>,
}

/// The state of an instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceState {
    /// Its ID.
    pub(crate) id: String,
    /// EC2's word for its state: `running`, `stopped`, `terminated`, …
    pub(crate) state: String,
    /// Its type.
    pub(crate) instance_type: Option<String>,
    /// Its availability zone.
    pub(crate) zone: Option<String>,
    /// When it was started last, in seconds since 1970.
    pub(crate) launched: Option<i64>,
}
