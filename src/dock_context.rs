//! Whether this terminal is docked, to which dock and session, and where the project's workspace is there.

mod docked;
mod docks;
mod workspace;

pub(crate) use docked::{Around, Docked};
pub(crate) use docks::{docks, explain, meet, named_or_current, reopen, say_new_key};
pub(crate) use workspace::{sync_up, sync_with, workspace_path};
