//! A dock that is an instance of EC2.

use dockerutils_dock::{Dock, Docks, Instance, InstanceId};

use super::{DockContextError, resolve_dock};
use crate::Result;

/// A dock that is an instance of EC2, with what create-dock knows about it.
#[derive(Debug, Clone)]
pub(crate) struct Ec2Dock {
    /// All docks of the user.
    pub(crate) docks: Docks,
    /// Its record.
    pub(crate) dock: Dock,
    /// The ID of the instance.
    pub(crate) id: InstanceId,
    /// What create-dock knows about it; `None` if create-dock did not create it.
    pub(crate) instance: Option<Instance>,
}

impl Ec2Dock {
    /// Finds the dock with this moniker, address or instance ID; without a name, the dock that the terminal names.
    ///
    /// # Errors
    /// Fails if there is no such dock, if its record names no instance, or if its `instance.json` is not valid.
    pub(crate) fn find(name: Option<&str>) -> Result<Self> {
        let docks = Docks::of_current_user()?;
        let dock = resolve_dock(&docks, name)?;
        let Some(id) = dock.instance_id.clone() else {
            return Err(DockContextError::NotOnEc2(dock.moniker.to_string()).into());
        };
        let instance = docks.instance(&dock)?;
        Ok(Ec2Dock { docks, dock, id, instance })
    }
}
