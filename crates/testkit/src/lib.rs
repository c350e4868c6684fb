//! Temporary projects, a docker that records its calls, invocations and their outcomes, pseudo-terminals.
//!
//! The kit knows nothing of how a command does its work: it starts the built binaries in an environment of their own and
//! compares what comes out. It needs no engine and no root; `dockerutils-testbed` adds real engines and docks.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

mod echo;
mod ignored;
mod invocation;
mod outcome;
mod paste;
mod path;
mod project;
mod recorder;
mod running;
mod service;
mod terminal;

pub use echo::echoed;
pub use invocation::Invocation;
pub use nix::sys::signal::Signal;
pub use outcome::Outcome;
pub use paste::paste;
pub use path::{find_program, path_starting_with};
pub use project::Project;
pub use recorder::Call;
pub use running::{Running, TIMEOUT, poll_until};
pub use service::Service;
pub use terminal::Terminal;
