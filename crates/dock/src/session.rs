//! Sessions: one ssh master connection to a dock, with docker's socket forwarded over it.
//!
//! `source dock` opens a session in a private folder, and terminals on one dock share it. The session knows the processes
//! that hold it, and a watcher closes it when the last of them has ended. A connection that may still be alive is never
//! killed: only ssh decides that a line is dead (`ServerAliveInterval`).

mod before;
mod close;
mod elsewhere;
mod endpoint;
mod error;
mod folder;
mod holders;
mod inherited;
mod join;
mod kept_ports;
mod master;
mod open;
mod ping;
mod relay;
mod reopen;
mod shell;
mod tcp;
mod wait_notice;
mod watch;

pub use before::{Variable, is_docked_by_us};
pub use close::close_session;
pub use endpoint::Endpoint;
pub use error::Error;
pub use folder::Session;
pub use inherited::{InheritedDocking, check_docker_host};
pub use join::{ensure_session, is_session_endpoint, is_session_socket, join_session};
pub use kept_ports::KeptPort;
pub use master::ssh_via_session;
pub use open::{open_connection, open_session};
pub use relay::relay_session;
pub use shell::ShellKind;
pub use tcp::allowed_forwards;
pub use wait_notice::{start_wait_notice, wait_for_connection};
pub use watch::watch_session;

/// The result of operations on sessions.
pub type Result<T = ()> = std::result::Result<T, Error>;
