//! Docks: machines with docker that are reached through ssh.
//!
//! A dock is a folder in `~/.docker` with a record, a file of known host keys and files for ssh. One more file makes the
//! docks known to the user's own ssh. A record is data: it is parsed, each value is checked, and no value is passed to a shell unquoted.

mod aws_words;
mod changes;
mod containers;
mod destination;
mod dock;
mod dock_cfg;
mod docks;
mod engines;
mod error;
mod fault;
mod file;
mod fragment;
mod idle_state;
mod include;
mod instance;
pub mod journal;
mod limit;
mod probe;
mod public_key;
mod record;
pub mod session;
mod ssh;
mod ssh_config;
mod ssh_host;
mod tentative;
mod user_config;
mod words;

pub use aws_words::{Account, Attempt, AwsName, InstanceId, InstanceType, Profile, Region, ResourceId, Zone};
pub use changes::{Change, Changes};
pub use containers::running_containers;
pub use destination::Destination;
pub use dock::Dock;
pub use dock_cfg::{
    DiskSize, DockCfg, DockCfgFault, DockSettings, DockerPackages, ImageChoice, InstanceProfile,
    KEYS as DOCK_CFG_KEYS, Network, ResolvedSettings, Tag, UnknownCfgKey,
};
pub use docks::{Docks, Listing};
pub use error::Error;
pub use fault::DockFault;
pub use idle_state::{Activity, IDLE_FILE, IdleState};
pub use include::{Inclusion, LINE as INCLUDE_LINE};
pub use instance::{Dollars, Instance, KeyPair, Price, SecurityGroup, SpotKind, SpotRequest};
pub use limit::{IdleLimit, Minutes};
pub use probe::{Probe, host_key, probe, probe_command};
pub use public_key::PublicKey;
pub use ssh_host::SshHost;
pub use tentative::TentativeDock;
pub use words::{Address, Identity, Invalid, Jump, JupyterPath, Moniker, Port, SocketPath, UserName};

/// The result of this crate's functions.
pub type Result<T = ()> = std::result::Result<T, Error>;
