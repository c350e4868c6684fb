//! What `source dock`, `castoff` and Tab call: the parts of shell/dock and shell/dock.fish that need no shell.
//!
//! Standard output of `open` is what the shell evaluates, so nothing else is ever written there. The process that uses a
//! session is our parent: the shell that called, be it a subshell.

mod open;

use std::ffi::OsString;
use std::os::unix::process::parent_id;
use std::path::PathBuf;

use self::open::Terminal;
use crate::dock_context::{docks, named_or_current};
use crate::{Result, ui};
use clap::{Parser, Subcommand, ValueEnum};
use dockerutils_command::Runner;
use dockerutils_dock::Docks;
use dockerutils_dock::session::{self, Dialect, Session, Variable};

/// What `source dock` and castoff are made of; not to be called by hand
#[derive(Parser)]
#[command(name = "dock", bin_name = "dock-session", version, after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

const EXAMPLES: &str = "\
Example:
  source dock gpu                     calls `dock-session open`, castoff calls `dock-session close`";

#[derive(Subcommand)]
enum Act {
    /// Open the session of a dock, and print what the shell evaluates
    Open(Open),
    /// Take the calling shell out of a session, and close it if that was the last
    Close {
        /// The session's folder
        folder: PathBuf,
    },
    /// Print the monikers that begin so, for Tab
    Complete {
        /// What has been typed
        #[arg(default_value = "")]
        typed: String,
    },
    /// Open again what was lost of the session that this terminal is docked to
    Ensure {
        /// Show what would be run, and run nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Close a session when the last process that used it is gone
    Watch {
        /// The session's folder
        folder: PathBuf,
    },
}

#[derive(clap::Args)]
struct Open {
    /// Which shell evaluates the answer
    #[arg(long, value_enum)]
    shell: Shell,
    /// The session that the shell is docked to; nothing where it is not docked
    #[arg(long, default_value = "", hide_default_value = true)]
    docked: OsString,
    /// A variable that castoff is to restore; without a value where it is not set
    #[arg(long, value_name = "NAME=VALUE")]
    was: Vec<Variable>,
    /// What stands after `source dock`
    #[arg(last = true)]
    words: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    /// bash and zsh
    Posix,
    /// fish
    Fish,
}

impl From<Shell> for Dialect {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Posix => Dialect::Posix,
            Shell::Fish => Dialect::Fish,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    match &args.act {
        Act::Open(Open { shell, docked, was, words }) => {
            let terminal = Terminal { dialect: (*shell).into(), docked, before: was };
            if let Some(line) = terminal.source(words)? {
                ui::print_line(line)?;
            }
            Ok(())
        }
        Act::Close { folder } => Ok(session::close(&Session::at(folder), parent_id())?),
        Act::Complete { typed } => complete(&docks()?, typed),
        Act::Ensure { dry_run } => {
            let docks = docks()?;
            Ok(session::ensure(&docks, &named_or_current(&docks, None)?, &Runner::new(*dry_run))?)
        }
        Act::Watch { folder } => Ok(session::watch(&Session::at(folder))?),
    }
}

fn complete(docks: &Docks, typed: &str) -> Result {
    for dock in docks.all()? {
        if dock.moniker.as_str().starts_with(typed) {
            ui::print_line(&dock.moniker)?;
        }
    }
    Ok(())
}
