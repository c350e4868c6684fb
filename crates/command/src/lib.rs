//! External commands as values.
//!
//! This is the only crate that starts programs. A [`Command`] is built once; the line that is echoed, the dry run and
//! the process are three views of that one value, so they cannot disagree. The crate does not know about docker.
//!
//! ```
//! use dockerutils_command::{Command, Runner};
//!
//! let command = Command::new("docker").args(["run", "--rm", "-v", "/my data:/data", "alpine"]);
//! assert_eq!(command.to_shell(), "docker run --rm -v '/my data:/data' alpine");
//!
//! // A dry run prints that line on standard error and starts no program, so docker need not be installed.
//! let runner = Runner::new(true);
//! runner.run(&command)?;
//! assert!(runner.capture(&command)?.is_empty());
//! # Ok::<(), dockerutils_command::Error>(())
//! ```

mod bounded;
mod command;
mod echo;
mod error;
mod installed;
mod judged;
mod observed;
mod parallel;
mod printable;
mod quote;
mod raw_terminal;
mod runner;
mod signals;
mod start_problem;
mod stoppable;
mod streaming;
mod tee;
mod variables;

pub use command::Command;
pub use echo::EchoLevel;
pub use error::{Error, exit_code};
pub use installed::check_installed;
pub use judged::JudgedList;
pub use parallel::TimedOutput;
pub use printable::{is_printable, printable};
pub use quote::quote;
pub use raw_terminal::line_end;
pub use runner::Runner;
pub use streaming::{Pipes, StreamOutput, Streaming};
pub use tee::TeeOutput;
pub use variables::ValuePart;
