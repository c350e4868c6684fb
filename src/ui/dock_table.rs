//! The docks as a table, and as JSON. Programs rely on the names of the JSON's fields: they are never changed.

use dockerutils_dock::{Address, Dock, IdleState, InstanceId, Moniker, Port, Probe, Region, UserName};
use serde::Serialize;

use super::{Align, Ec2Cells, table};

/// A dock and its state.
pub(crate) struct DockRow<'a> {
    /// The dock that the row describes.
    pub(crate) dock: &'a Dock,
    /// Whether the terminal names it.
    pub(crate) is_current: bool,
    /// What is known about its instance, if it is one of EC2.
    pub(crate) ec2: Option<Ec2Cells>,
    /// The result of probing it, if it was probed.
    pub(crate) probe: Option<Probe>,
}

/// Renders one line for each dock, with more columns if any dock is on EC2.
pub(crate) fn dock_table(rows: &[DockRow]) -> String {
    let [mark, moniker, address, user, state, docker, latency] =
        ["", "MONIKER", "ADDRESS", "USER", "STATE", "DOCKER", "LATENCY"].map(|name| (name, Align::Left));
    if rows.iter().all(|row| row.ec2.is_none()) {
        let columns = [mark, moniker, address, user, state, docker, latency];
        return table(columns, rows.iter().map(DockRow::cells));
    }
    let columns = [
        mark,
        moniker,
        address,
        user,
        state,
        docker,
        latency,
        ("TYPE", Align::Left),
        ("UP", Align::Left),
        ("$/H", Align::Right),
        ("SPENT", Align::Right),
        ("IDLE", Align::Left),
    ];
    let cells = |row: &DockRow| {
        let [mark, moniker, address, user, state, docker, latency] = row.cells();
        let [kind, up, price, spent, idle] = row.ec2.as_ref().map(Ec2Cells::cells).unwrap_or_default();
        [mark, moniker, address, user, state, docker, latency, kind, up, price, spent, idle]
    };
    table(columns, rows.iter().map(cells))
}

/// Returns what is serialized as JSON: one object for each dock.
pub(crate) fn dock_json<'a>(rows: &'a [DockRow]) -> impl Serialize + use<'a> {
    rows.iter().map(Entry::of).collect::<Vec<Entry>>()
}

impl DockRow<'_> {
    /// Returns the cells of the columns that every dock has.
    fn cells(&self) -> [String; 7] {
        let Dock { moniker, address, user, .. } = self.dock;
        [
            if self.is_current { "*" } else { "" }.to_owned(),
            moniker.to_string(),
            address.to_string(),
            user.to_string(),
            self.state().to_owned(),
            self.docker().unwrap_or_default().to_owned(),
            self.latency().map(|milliseconds| format!("{milliseconds} ms")).unwrap_or_default(),
        ]
    }

    /// Returns the state: EC2's if the instance does not run, because no probe can reach it then.
    fn state(&self) -> &str {
        if let Some(state) = self.ec2.as_ref().and_then(Ec2Cells::exceptional_state) {
            return state;
        }
        match &self.probe {
            None => "",
            Some(Probe { state: Ok(_), .. }) => "up",
            Some(Probe { state: Err(fault), .. }) => fault.name(),
        }
    }

    /// Returns why the dock cannot be used, and the remedy. The state of its instance comes before what a probe found.
    pub(crate) fn problem(&self) -> Option<String> {
        let of_instance = self.ec2.as_ref().and_then(|ec2| ec2.problem(&self.dock.moniker));
        let fault = self.probe.as_ref().and_then(|probe| probe.state.as_ref().err());
        of_instance.or_else(|| fault.map(|fault| fault.sentence(self.dock)))
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
    /// The instance type.
    r#type: Option<&'a str>,
    /// The availability zone.
    az: Option<&'a str>,
    /// When the instance was started last.
    launched: Option<String>,
    /// Dollars.
    price_per_hour: Option<f64>,
    /// The day of the price.
    price_date: Option<String>,
    /// For how many minutes the dock is idle.
    idle_minutes: Option<u32>,
    /// In how many minutes it stops if it stays idle.
    stops_in: Option<u32>,
}

impl<'a> Entry<'a> {
    fn of(row: &'a DockRow) -> Self {
        let DockRow { dock, is_current, ec2, probe: _ } = row;
        let ec2 = ec2.as_ref();
        let price = ec2.and_then(|ec2| ec2.known.as_ref()?.price.as_ref());
        let idle = ec2.and_then(Ec2Cells::current_idle);
        Entry {
            moniker: &dock.moniker,
            address: &dock.address,
            user: &dock.user,
            port: dock.port,
            instance_id: dock.instance_id.as_ref(),
            region: dock.region.as_ref(),
            instance_state: ec2.and_then(|ec2| Some(ec2.state.as_ref()?.state.as_str())),
            current: *is_current,
            state: Some(row.state()).filter(|state| !state.is_empty()),
            problem: row.problem(),
            docker: row.docker(),
            latency_ms: row.latency(),
            r#type: ec2.and_then(Ec2Cells::instance_type),
            az: ec2.and_then(Ec2Cells::zone),
            launched: ec2.and_then(Ec2Cells::launched).map(|launched| launched.to_rfc3339()),
            price_per_hour: ec2.and_then(Ec2Cells::price),
            price_date: price.map(|price| price.date.to_string()),
            idle_minutes: idle.map(IdleState::idle_minutes),
            stops_in: idle.and_then(IdleState::stops_in),
        }
    }
}
