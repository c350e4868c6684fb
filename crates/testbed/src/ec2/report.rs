//! What the stand-in knows of calls and of resources.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A call of the API, in order of arrival.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// `ec2`, `sts`, `pricing`, …
    pub service: String,
    /// For example `RunInstances`.
    pub action: String,
    /// The region of its signature.
    pub region: String,
    /// Its parameters as they were sent, for example `TagSpecification.1.Tag.2.Key`. Those that are no text are JSON.
    pub parameters: BTreeMap<String, String>,
    /// The status of the response; `None` before there is one.
    pub status: Option<u16>,
    /// The code of the error that was returned.
    pub error: Option<String>,
    /// The rule of the fault that it met.
    pub fault: Option<String>,
}

/// All resources of the account that cost money or stand in the way, as IDs or names. A new account has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Census {
    /// Instances that are not terminated, with their states.
    pub instances: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// Snapshots.
    pub snapshots: Vec<String>,
    /// Network interfaces.
    pub network_interfaces: Vec<String>,
    /// Elastic addresses.
    pub addresses: Vec<String>,
    /// Security groups other than `default`.
    pub security_groups: Vec<String>,
    /// Names of key pairs.
    pub key_pairs: Vec<String>,
    /// Spot requests that are active.
    pub spot_requests: Vec<String>,
}

impl Census {
    /// Returns whether nothing is left.
    pub fn is_empty(&self) -> bool {
        *self == Census::default()
    }
}
