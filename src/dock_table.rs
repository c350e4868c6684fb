//! What ls-dock tells of the docks: a table for people, JSON for programs.
//!
//! The names of the JSON's fields are an interface: they are added to, and never change.

use comfy_table::{Table, presets};
use dockerutils_dock::{Address, Dock, InstanceId, Moniker, Port, Probe, Region, UserName};
use serde::Serialize;

/// A dock and what is known of it.
pub struct Row<'a> {
    /// The dock.
    pub dock: &'a Dock,
    /// Whether the terminal is docked to it.
    pub is_current: bool,
    /// The state that EC2 gives its instance, where EC2 was asked.
    pub instance_state: Option<String>,
    /// What came of asking the dock itself, if it was asked.
    pub probe: Option<Probe>,
}

/// One line a dock, in columns; the last one is not padded.
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "MONIKER", "ADDRESS", "USER", "STATE", "DOCKER", "LATENCY"]);
    for row in rows {
        let Dock { moniker, address, user, .. } = row.dock;
        table.add_row([
            if row.is_current { "*" } else { "" },
            moniker.as_str(),
            address.as_str(),
            user.as_str(),
            row.state(),
            row.docker().unwrap_or_default(),
            &row.latency().map(|milliseconds| format!("{milliseconds} ms")).unwrap_or_default(),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// An array with one object a dock.
pub fn json(rows: &[Row]) -> String {
    let entries: Vec<Entry> = rows.iter().map(Entry::of).collect();
    // Texts, numbers and fields with fixed names: nothing that JSON cannot hold.
    serde_json::to_string_pretty(&entries).unwrap_or_default()
}

impl Row<'_> {
    fn state(&self) -> &str {
        match &self.probe {
            None => "",
            Some(Probe { state: Ok(_), .. }) => "up",
            Some(Probe { state: Err(trouble), .. }) => trouble.name(),
        }
    }

    fn docker(&self) -> Option<&str> {
        self.probe.as_ref().and_then(|probe| probe.state.as_deref().ok())
    }

    /// A dock that does not answer has no latency.
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
    /// `up`, a trouble's name, or null where nobody asked.
    state: Option<&'a str>,
    /// What is wrong and what to do about it.
    problem: Option<String>,
    docker: Option<&'a str>,
    latency_ms: Option<u128>,
}

impl<'a> Entry<'a> {
    fn of(row: &'a Row) -> Self {
        let Row { dock, is_current, instance_state, probe } = row;
        let trouble = probe.as_ref().and_then(|probe| probe.state.as_ref().err());
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
            problem: trouble.map(|trouble| trouble.sentence(dock)),
            docker: row.docker(),
            latency_ms: row.latency(),
        }
    }
}
