//! ssh: options, quoting for the remote shell, master connections, forwards, and why a connection failed.
//!
//! This crate builds ssh's command lines; `dockerutils_command` runs them. It is the only place that names a control
//! socket (`-S`), that becomes a master (`-M`) and that knows ssh's own exit status (255).
//!
//! - [`HostOptions`] holds what is particular to one host, as options of `ssh`, as a file for `ssh -F` and as lines of an
//!   `ssh_config`. All of them have the settings that our calls rely on; [`ssh_to_any_host`] has no others.
//! - [`remote_command`], [`portable_script`] and [`script_input`] quote what the remote login shell reads.
//! - [`PrivateDir`] is a folder that only this user can use. A value of this type exists only after the folder has been
//!   checked, and everything in it is reached through the descriptor that was checked.
//! - [`ControlSocket`] is the socket of a master connection in such a folder: it opens the master, runs commands through
//!   it and ends it. [`TemporarySocket`] is one for the length of one command.
//! - [`Forward`] opens a remote port on this machine through a master.
//! - [`is_ssh_failure`], [`SshFault`] and [`last_line`] find out why ssh failed.

mod control;
mod error;
mod failure;
mod forward;
mod options;
mod private_dir;
mod quote;
mod runtime;

pub use control::{ControlSocket, without_master};
pub use error::Error;
pub use failure::{SshFault, is_ssh_failure, last_line};
pub use forward::{Forward, forward_target};
pub use options::{HostOptions, SYSTEM_CONFIG, Setting, file_for_any_host, option_value, ssh_to_any_host};
pub use private_dir::{FolderLock, PrivateDir};
pub use quote::{RUN_INPUT, portable_script, remote_command, remote_words, script_input};
pub use runtime::{TemporarySocket, is_below_runtime_folder, runtime_path};

/// The result of this crate's functions.
pub type Result<T = ()> = std::result::Result<T, Error>;
