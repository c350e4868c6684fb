//! Whether this terminal is docked, to which dock and session, and where the project's workspace is on that dock.
//!
//! [`DockContext`] is the one type that knows this. A command computes it once and passes it on.

mod chosen_ports;
mod context;
mod docked_engine;
mod docked_run;
#[cfg_attr(not(feature = "ec2"), allow(dead_code, reason = "dock-ec2 uses the rest"))]
mod ec2_dock;
mod error;
mod forwards;
mod kept_ports;
mod last_dock;
mod mounts;
mod query;
mod reachability;
mod remote_script;
mod run_place;
mod session_ports;
mod static_busybox;
mod sync_outcome;
mod terminals;
mod unfinished;
mod workspace;

pub(crate) use context::{DockContext, resolve_dock};
pub(crate) use docked_engine::DockedEngine;
pub(crate) use docked_run::DockedRunOptions;
pub(crate) use ec2_dock::Ec2Dock;
pub(crate) use error::DockContextError;
pub(crate) use kept_ports::{NOTEBOOK, find_kept_port};
pub(crate) use last_dock::exclude_from_ssh_config;
pub(crate) use reachability::{accept_host_key, announce_host_key, diagnose_ssh_failure, waiting_for_dock};
pub(crate) use remote_script::ScriptInput;
pub(crate) use run_place::RunPlace;
pub(crate) use session_ports::SessionPorts;
pub(crate) use sync_outcome::{check_outcome, report_kept_files};
pub(crate) use terminals::{docked_processes, mention_terminals};
pub(crate) use unfinished::warn_of_unfinished_creations;
pub(crate) use workspace::{join_and_sync_with, remember_workspace, sync_up, workspace_on};
