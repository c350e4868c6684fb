//! What every command shares: the one door in, the one voice for errors, and docker as the last act.

mod build;
mod buildkit;
mod dock_table;
mod docked;
mod docker;
mod docks;
mod error;
mod publish;
mod source;
mod sync;
pub mod transfer;
mod usage;
mod version_file;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::Parser;
use dockerutils_project::{Image, Project};

pub use build::{BuildRequest, build_images};
pub use dock_table::{Row, json, table};
pub use docked::{Around, Docked};
pub use docker::{capture_docker, exec_docker, inspect_images, run_docker, run_docker_last, tee_docker};
pub use docks::{docks, explain, meet, named_or_current, reopen, say_new_key};
pub use error::{Error, Result};
pub use publish::{PublishRequest, publish_images};
pub use source::Terminal;
pub use sync::{list, sync_up, sync_with, workspace_path};
pub use version_file::write_version_file;

/// The name that this command goes by, which begins what it says.
static PROGRAM: OnceLock<String> = OnceLock::new();

/// Parses the arguments, runs, says what went wrong in one line, and picks the exit status.
pub fn main<A: Parser>(run: impl FnOnce(A) -> Result) -> ExitCode {
    let _ = PROGRAM.set(A::command().get_name().to_owned());
    let result = match A::try_parse() {
        Ok(args) => run(args),
        Err(answer) if !answer.use_stderr() => {
            let _ = answer.print();
            return ExitCode::SUCCESS;
        }
        Err(refusal) => Err(Error::Usage(usage::sentence(&refusal))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(sentence) = error.sentence() {
                say(sentence);
            }
            ExitCode::from(error.code())
        }
    }
}

/// Parses arguments that a sourced file hands over: help goes to standard error, for standard output is evaluated.
///
/// # Errors
/// They are not of the command's form.
pub fn parse_aside<A: Parser>(words: &[String]) -> Result<Option<A>> {
    match A::try_parse_from(words) {
        Ok(args) => Ok(Some(args)),
        Err(answer) if !answer.use_stderr() => {
            let _ = write!(std::io::stderr(), "{}", answer.render());
            Ok(None)
        }
        Err(refusal) => Err(Error::Usage(usage::sentence(&refusal))),
    }
}

/// Says something to the user, on one line of standard error.
pub fn say(sentence: impl Display) {
    let program = PROGRAM.get().map_or("dockerutils", String::as_str);
    let _ = writeln!(std::io::stderr(), "{program}: {sentence}");
}

/// Says which keys of the configuration nobody reads: those of these images and of `[run_image]`.
pub fn warn_of_unknown_keys(project: &Project, images: &[Image]) {
    let general = project.config().unknown_keys();
    for key in general.iter().chain(images.iter().flat_map(|image| &image.section.unknown_keys)) {
        say(format_args!("warning: {key}"));
    }
}
