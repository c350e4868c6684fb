//! Synchronizes a project with its workspace on a dock.
//!
//! The files that are sent are those that `docker build` would send: `.dockerignore` is evaluated with docker's own
//! semantics, and rsync transfers the result. Nothing is deleted, and no locally changed file is overwritten, unless the
//! caller requests it.

mod atomic_write;
mod build_context;
mod down;
mod error;
mod exclusions;
mod filter;
mod fs_clock;
mod glob;
mod ignore;
mod listing;
mod lock;
mod metadata;
mod pattern;
mod planned;
mod project_sync;
mod rsync;
mod rsync_rule;
mod ssh_target;
mod state;
mod up;
mod version_file;
mod walk;

pub use build_context::{BuildContext, measure_context};
pub use down::DownPlan;
pub use error::Error;
pub use ignore::{Decision, Ignore, ParentMatches};
pub use planned::PlannedChange;
pub use project_sync::ProjectSync;
pub use ssh_target::SshTarget;
pub use version_file::VersionFile;
pub use walk::{Excluded, Tree, walk};
