//! What is wrong with docker, an engine, a dock or a project, and how to fix it.
//!
//! Gathering and judging are apart. The facts come from docker's own output, from a script that runs on the machine
//! ([`local_script`], [`dock_script`]), and from files. The functions that judge them are pure. This crate starts no program.

mod aws;
mod bytes;
mod client;
mod dock;
mod docker_output;
mod engine;
mod finding;
mod gpu;
mod machine;
mod place;
mod project;

pub use aws::{AwsFacts, judge_aws};
pub(crate) use bytes::Bytes;
pub use client::{ClientFacts, judge_socket_of_dock};
pub use dock::{DockFacts, ScriptFault, SessionFacts, SocketForwarding, judge_sessions};
pub use docker_output::{Info, Usage, Versions};
pub use engine::EngineFacts;
pub use finding::{Finding, Fix, Severity};
pub use gpu::judge_gpus;
pub use machine::{MachineFacts, dock_script, local_script};
pub use place::Place;
pub use project::{ForeignFiles, files_of_root, judge_owners, judge_project};
