//! A project's files on a dock.
//!
//! What `docker build` would send is what is sent: `.dockerignore` is read with docker's own meaning. rsync carries it.
//! Nothing is deleted unasked, and no file that was changed here is overwritten unasked.

mod clock;
mod context;
mod down;
mod error;
mod file;
mod glob;
mod ignore;
mod listing;
mod rsync;
mod rules;
mod stat;
mod state;
mod sync;
mod up;
mod version;
mod walk;
mod workspace;

pub use context::{Context, context};
pub use down::Plan;
pub use error::Error;
pub use ignore::{Above, Answer, Ignore};
pub use sync::Sync;
pub use up::Planned;
pub use walk::{Excluded, Tree, walk};
pub use workspace::{BASE, Workspace, workspace_path};
