//! The docks as a table, and as JSON. Programs rely on the names of the JSON's fields: they are never changed.

use dockerutils_dock::{Address, Dock, InstanceId, Moniker, Port, Probe, Region, UserName};
use serde::Serialize;

use super::{Align, table};

/// A dock and its state.
pub(crate) struct DockRow<'a> {
    /// The dock that the row describes.
    pub(crate) dock: &'a Dock,
    /// Whether the terminal names it.
    pub(crate) is_current: bool,
    /// The state of its EC2 instance, if EC2 was queried.
    pub(crate) instance_state: Option<String>,
    /// The result of probing it, if it was probed.
    pub(crate) probe: Option<Probe>,
}

/// Renders one line for each dock.
pub(crate) fn dock_table(rows: &[DockRow]) -> String {
    let columns = ["", "MONIKER", "ADDRESS", "USER", "STATE", "DOCKER", "LATENCY"];
    let cells = |row: &DockRow| {
        let Dock { moniker, address, user, .. } = row.dock;
        [
            if row.is_current { "*" } else { "" }.to_owned(),
            moniker.to_string(),
            address.to_string(),
            user.to_string(),
            row.state().to_owned(),
            row.docker().unwrap_or_default().to_owned(),
            row.latency().map(|milliseconds| format!("{milliseconds} ms")).unwrap_or_default(),
        ]
    };
    table(columns.map(|name| (name, Align::Left)), rows.iter().map(cells))
}

/// Returns what is serialized as JSON: one object for each dock.
pub(crate) fn dock_json<'a>(rows: &'a [DockRow]) -> impl Serialize + use<'a> {
    rows.iter().map(Entry::of).collect::<Vec<Entry>>()
}

impl DockRow<'_> {
    fn state(&self) -> &str {
        match &self.probe {
            None => "",
            Some(Probe { state: Ok(_), .. }) => "up",
            Some(Probe { state: Err(fault), .. }) => fault.name(),
        }
    }

    fn docker(&self) -> Option<&str> {
        self.probe.as_ref().and_then(|probe| probe.state.as_deref().ok())
    }

    /// Returns the latency in milliseconds; `None` if the dock did not respond or was not probed.
    fn latency(&self) -> Option<u128> {
        self.probe.as_ref().filter(|probe| probe.state.is_ok()).map(|probe| probe.took.as_millis())
    }
}

/// A dock in JSON.
#[derive(Serialize)]
struct Entry<'a> {
    moniker: &'a Moniker,
    address: &'a Address,
    user: &'a UserName,
    port: Option<Port>,
    instance_id: Option<&'a InstanceId>,
    region: Option<&'a Region>,
    instance_state: Option<&'a str>,
    current: bool,
    /// `up`, a fault's name, or null if it was not probed.
    state: Option<&'a str>,
    /// The fault and its remedy.
    problem: Option<String>,
    docker: Option<&'a str>,
    latency_ms: Option<u128>,
}

impl<'a> Entry<'a> {
    fn of(row: &'a DockRow) -> Self {
        let DockRow { dock, is_current, instance_state, probe } = row;
        let fault = probe.as_ref().and_then(|probe| probe.state.as_ref().err());
        Entry {
            moniker: &dock.moniker,
            address: &dock.address,
            user: &dock.user,
            port: dock.port,
            instance_id: dock.instance_id.as_ref(),
            region: dock.region.as_ref(),
            instance_state: instance_state.as_deref(),
            current: *is_current,
            state: Some(row.state()).filter(|state| !state.is_empty()),
            problem: fault.map(|fault| fault.sentence(dock)),
            docker: row.docker(),
            latency_ms: row.latency(),
        }
    }
}
