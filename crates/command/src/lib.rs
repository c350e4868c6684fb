//! External commands as values.
//!
//! This is the only crate that starts programs. A [`Command`] is built once; the line that is echoed, the dry run and
//! the process are three views of that one value, so they cannot disagree. It knows nothing of docker.

mod parallel;
mod command;
mod error;
mod tee;
mod quote;
mod runner;
mod signals;
mod stream;

pub use parallel::TimedOutput;
pub use command::Command;
pub use error::{Error, exit_code};
pub use tee::TeeOutput;
pub use quote::quote;
pub use runner::Runner;
pub use stream::{Ended, Pipes, Streaming};
