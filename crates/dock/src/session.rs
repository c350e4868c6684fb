//! What `source dock` holds open: one ssh connection to a dock, and docker's socket forwarded over it.
//!
//! A session is a private folder that two terminals on one dock share. It knows the processes that use it, and a watcher
//! closes it when the last of them is gone. It never kills a connection that may still be alive: whether one is dead is
//! for ssh alone to say (ServerAliveInterval).

mod close;
mod endpoint;
mod error;
mod folder;
mod forward;
mod master;
mod open;
mod ping;
mod shell;
mod terminals;
mod watch;

pub use close::close;
pub use endpoint::Endpoint;
pub use error::Error;
pub use folder::Session;
pub use forward::Forward;
pub use master::through as ssh_through_master;
pub use open::{ensure, open};
pub use shell::{Dialect, Variable};
pub use watch::watch;

/// What a session answers.
pub type Result<T = ()> = std::result::Result<T, Error>;
