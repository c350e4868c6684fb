//! The engine that images are sent to, reached through one ssh connection. The host needs docker and a POSIX shell.

mod archives;
mod connection;
mod engine;
mod error;
mod event_loop;
mod finalize;
mod frame;
mod host;
mod inspect;
mod inventory;
mod manifests;
mod patient;
mod received;
mod receiver;
mod scripts;
mod single;
mod stream;
mod stream_count;
mod striped;
mod stripes;

pub use self::engine::RemoteEngine;
pub use self::error::{Error, Result};
pub use self::finalize::{ExpectedImage, Finalize};
pub use self::host::{Host, SshHost};
pub use self::inspect::WantedImages;
pub(crate) use self::inventory::unpacks_zstd;
pub use self::inventory::{Inventory, PresentImage, Store, Tools};
pub use self::manifests::Manifest;
pub use self::received::{Received, Unpacker};
pub use self::receiver::Receiver;
pub(crate) use self::stream_count::max_streams;
