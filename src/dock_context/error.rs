//! The errors of a terminal and its dock, beyond those of the dock crates.

use std::io;

use dockerutils_dock::Moniker;

/// Why a command could not use, change or list docks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DockContextError {
    /// No dock was specified, and the terminal is not docked.
    #[error("specify a dock (ls-dock lists them): this terminal is not docked")]
    NotDocked,
    /// The address of an instance has changed since the terminal was docked to it.
    #[error("{0} is at another address now: `source dock {0}` again")]
    Moved(Moniker),
    /// `source dock` has not docked the terminal, so that castoff has nothing to undo.
    #[error("this terminal is not docked, so castoff has nothing to undo{0}")]
    NothingToUndo(String),
    /// Terminals are docked to the dock.
    #[error(
        "{dock} is in use: `castoff` in the terminals that are docked to it first (shells and commands by process id: {})",
        pids.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    )]
    InUse { dock: String, pids: Vec<u32> },
    /// The check of a dock found a fault, so the dock was not registered.
    #[error("{0} (nothing was changed; --no-check registers it all the same)")]
    NotRegistered(String),
    /// The moniker of a dock is the name of a host in the user's ssh configuration.
    #[error("`{0}` is a host of your ssh configuration, to which `ssh {0}` leads: choose another moniker")]
    HostOfSsh(String),
    /// An instance of EC2 has a record at another address.
    #[error(
        "{id} is the dock `{moniker}` at {address}: `start-dock {moniker}` makes its record follow its address, and \
         `unregister-dock {moniker}` removes it"
    )]
    KnownInstance { id: String, moniker: String, address: String },
    /// Some records are broken; each has been reported.
    #[error("broken records are not listed")]
    BrokenRecords,
    /// No local port is free for the port of a dock.
    #[error("no port is free on this machine: {0}")]
    NoPort(#[source] io::Error),
    /// The dock is another kind of machine.
    #[error(
        "`{0}` is not an instance of EC2: its record has no DOCK_INSTANCE_ID (`register-dock --instance-id ID` adds it, \
         `unregister-dock {0}` removes the record)"
    )]
    NotOnEc2(String),
    /// A dock cannot be reached; the sentence contains the fault and its remedy.
    #[error("{0}")]
    Unreachable(String),
}
