//! What the tests stand on: temporary projects, a docker that records its calls, pseudo-terminals, real engines.
//!
//! It is no part of the product, and it knows nothing of how a command does its work: it starts the built binaries in
//! an environment of their own and looks at what comes out.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

mod bases;
mod disk;
mod dock;
mod echo;
/// Amazon's registries.
pub mod ecr;
mod engine;
mod ignored;
mod image;
mod invocation;
mod outcome;
mod paste;
mod path;
mod project;
mod recorder;
mod running;
mod terminal;
mod version;

pub use dock::{Builder as DockBuilder, Cut, Delay, Dock, Registry as DockRegistry, again_at_home, dock};
pub use engine::{Engine, Unavailable, engines, engines_of_each_store};
pub use image::Image;
pub use invocation::Invocation;
pub use nix::sys::signal::Signal;
pub use outcome::Outcome;
pub use paste::paste;
pub use project::Project;
pub use recorder::Call;
pub use running::Running;
pub use terminal::Terminal;
pub use version::Version;
