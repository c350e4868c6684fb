//! docker's command lines, one verb a file: what the conventions and the configuration say becomes a
//! [`Command`](dockerutils_command::Command). And [`engine`]: whether the engine can be reached at all, and the remedy;
//! [`buildkit`]: where it is to be had, and docker takes the legacy builder.

mod build;
mod client_config;
mod environment;
mod error;
mod flags;
mod gpu;
mod inspect;
mod login;
mod mounts;
mod ports;
mod push;
mod remove;
mod run;
mod script;
mod tag;

pub mod buildkit;
pub mod engine;

pub use build::{Build, builds};
pub use client_config::ClientConfig;
pub use error::Error;
pub use gpu::Gpus;
pub use inspect::{Inspected, inspect, inspected, is_no_such_image};
pub use login::login;
pub use mounts::{Moved, Workspace};
pub use ports::{Ports, Published};
pub use push::{Trouble, push, pushed_digest};
pub use remove::{list_images, present, remove};
pub use run::{Container, Run, run};
pub use script::script;
pub use tag::tag;

/// A docker command line that is run from the project's root.
pub(crate) fn docker(project: &dockerutils_project::Project) -> dockerutils_command::Command {
    dockerutils_command::Command::new("docker").dir(project.root())
}
