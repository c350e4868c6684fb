//! The output for the user: messages on standard error; results, tables and JSON on standard output; progress bars.
//!
//! This is the only module that writes to standard output. Docker's own output is not ours and does not pass through it.

mod age;
mod ask;
mod dock_table;
mod ec2_cells;
mod echo_args;
mod late_progress;
mod progress;
mod size;
mod stderr;
mod stdout;
mod table;
mod unknown_keys;
mod usage;
mod waiting;

pub(crate) use age::Age;
pub(crate) use ask::{ask, check_can_ask};
pub(crate) use dock_table::{DockRow, dock_json, dock_table};
pub(crate) use ec2_cells::Ec2Cells;
pub(crate) use echo_args::{EchoArgs, EnvironmentEchoArgs, VerboseEchoArgs};
pub(crate) use late_progress::show_progress;
pub(crate) use progress::ByteProgress;
pub(crate) use size::{Megabytes, Size};
pub(crate) use stderr::{note, print_on_stderr, set_program_name, warn};
pub(crate) use stdout::StdoutError;
pub(crate) use stdout::{
    is_interactive, print_help, print_json, print_line, stdout_is_terminal, stdout_stream,
};
pub(crate) use table::{Align, table};
pub(crate) use unknown_keys::warn_of_unknown_keys;
pub(crate) use usage::{parse_port, refuse_terminal_flags, usage_error};
pub(crate) use waiting::{Waiting, waiting_for};
