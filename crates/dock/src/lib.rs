//! Docks: machines with docker that are reached through ssh.
//!
//! A dock is a folder of `~/.docker` with a record, host keys of its own and a piece of ssh configuration. A record is
//! data: it is parsed, every value is checked, and none is ever given to a shell.

mod changes;
mod dock;
mod docks;
mod error;
mod file;
mod fragment;
mod include;
mod probe;
mod record;
pub mod session;
pub mod ssh;
mod trial;
mod trouble;
mod words;

pub use changes::Changes;
pub use dock::Dock;
pub use docks::{Docks, Listing};
pub use error::Error;
pub use probe::{Probe, host_key, probe};
pub use trial::Trial;
pub use trouble::Trouble;
pub use words::{Address, Identity, InstanceId, Invalid, Jump, Moniker, Port, Region, UserName};

/// What this crate answers.
pub type Result<T = ()> = std::result::Result<T, Error>;
