//! Synchronizes a project with its workspace on a dock.
//!
//! The files that are sent are those that `docker build` would send: `.dockerignore` is evaluated with docker's own
//! semantics, and rsync transfers the result. Nothing is deleted, and no file is overwritten that changed on the other
//! side, unless the caller requests it.

mod atomic_write;
mod build_context;
mod change;
mod compare;
mod comparison;
mod deletion;
mod diagnosis;
mod down;
mod error;
mod exclusions;
mod file_name;
mod filter;
mod fs_clock;
mod glob;
mod guarded;
mod ignore;
mod listing;
mod lock;
mod metadata;
mod other_owner;
mod overwritten;
mod pattern;
mod pattern_fault;
mod planned;
mod progress;
mod project_sync;
mod reference;
mod remote_rsync;
mod rsync;
mod rsync_rule;
mod rsync_version;
mod send_folder;
mod ssh_target;
mod state;
mod up;
mod up_plan;
mod version;
mod version_file;
mod walk;
mod workspace_names;

pub use build_context::{BuildContext, measure_context, measure_tree};
pub use down::DownPlan;
pub use error::{Error, shortened_list};
pub use ignore::{Decision, IGNORE_FILE, Ignore, ParentMatches};
pub use other_owner::{other_owner, owner_script};
pub use pattern_fault::PatternFault;
pub use planned::PlannedChange;
pub use progress::OnProgress;
pub use project_sync::ProjectSync;
pub use rsync_version::rsync_warning;
pub use send_folder::send_folder;
pub use ssh_target::SshTarget;
pub use up_plan::{UpOptions, UpPlan};
pub use version_file::VersionFile;
pub use walk::{Excluded, Tree, walk};
pub use workspace_names::WorkspaceNames;
