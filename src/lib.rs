//! Shared by all commands: argument parsing, error reporting and exit status.
//!
//! Each binary is three lines: it passes the `run` function of its module in [`commands`] to [`main`].

mod aws_environment;
mod check_hint;
pub mod commands;
mod dock_context;
mod docker_calls;
mod error;
mod instance_states;
mod ui;
mod version_file;

use std::process::ExitCode;

use clap::Parser;

pub use error::{Error, Result};

/// Parses the arguments, runs the command, reports its error in one line and returns the exit status.
pub fn main<A: Parser>(run: impl FnOnce(&A) -> Result) -> ExitCode {
    ui::set_program_name(A::command().get_name());
    let result = match A::try_parse() {
        Ok(args) => run(&args),
        Err(help) if !help.use_stderr() => ui::print_help(&help).map_err(Error::from),
        Err(refusal) => Err(Error::Usage(ui::usage_error(&refusal))),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    if let Some(message) = error.message() {
        ui::note(message);
    }
    ExitCode::from(error.exit_status())
}

/// Parses the words of a command whose standard output a shell evaluates: help goes to standard error.
///
/// Returns `None` if help was requested.
///
/// # Errors
/// Returns [`Error::Usage`] if the words do not match the command's arguments.
fn parse_for_eval<A: Parser>(words: &[String]) -> Result<Option<A>> {
    match A::try_parse_from(words) {
        Ok(args) => Ok(Some(args)),
        Err(help) if !help.use_stderr() => {
            ui::print_on_stderr(help.render());
            Ok(None)
        }
        Err(refusal) => Err(Error::Usage(ui::usage_error(&refusal))),
    }
}
