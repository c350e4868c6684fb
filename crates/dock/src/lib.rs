//! Docks: machines with docker that are reached through ssh.
//!
//! A dock is a folder in `~/.docker` with a record, a file of known host keys and a fragment of ssh configuration. A
//! record is data: it is parsed, each value is checked, and no value is passed to a shell unquoted.

mod changes;
mod dock;
mod docks;
mod error;
mod fault;
mod file;
mod fragment;
mod include;
mod probe;
mod record;
pub mod session;
mod ssh;
mod tentative;
mod words;

pub use changes::Changes;
pub use dock::Dock;
pub use docks::{Docks, Listing};
pub use error::Error;
pub use fault::DockFault;
pub use probe::{Probe, host_key, probe};
pub use tentative::TentativeDock;
pub use words::{Address, Identity, InstanceId, Invalid, Jump, Moniker, Port, Region, UserName};

/// The result of this crate's functions.
pub type Result<T = ()> = std::result::Result<T, Error>;
