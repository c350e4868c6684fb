//! Jupyter servers: their tokens, what they respond, and how a browser opens them.
//!
//! - [`Token`] is the secret that a server accepts. It is in no argument and no log; only [`JupyterServer::url`] shows it.
//! - [`JupyterServer`] is a server on this machine's loopback: [`probe`](JupyterServer::probe) finds out whether it is ready
//!   and accepts the token.
//! - [`OneShotRedirect`] leads a browser to such a server. A browser gets its address as an argument, which every user of
//!   this machine can read, and the URL of a server contains the token.
//! - [`RedirectFile`] does the same on macOS.
//! - [`save_copies`] is the folder of an extension that makes copies of saved notebooks.
//! - [`RemoteServer`] is a server of a user on another machine, and [`REMOTE_SCRIPT`] starts, finds and ends it there.
//! - [`program_on_port`] names the program that keeps a server from its port.
//! - [`browser_commands`] returns the commands that open an address, in the order in which they are tried.
//!
//! The crate knows nothing of docker, and starts no program.

mod browser;
mod http;
mod jupyter_flags;
mod one_shot_redirect;
mod peer;
mod port_owner;
mod redirect_file;
mod remote;
pub mod save_copies;
mod server;
mod token;

pub use browser::{Desktop, browser_commands};
pub use jupyter_flags::refused_flag;
pub use one_shot_redirect::OneShotRedirect;
pub use port_owner::program_on_port;
pub use redirect_file::RedirectFile;
pub use remote::{REMOTE_SCRIPT, RemoteAction, RemoteError, RemoteRequest, RemoteServer};
pub use server::{JupyterServer, Probe, ServerStatus};
pub use token::Token;
