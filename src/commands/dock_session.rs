//! `dock-session`: the parts of `source dock`, castoff and Tab completion that need no shell.
//!
//! A shell evaluates the standard output of `open`, so nothing else is ever written there. The process that holds the
//! session is our parent: the shell that called, or a subshell.

mod init;
mod open;

use std::ffi::OsString;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use dockerutils_command::Runner;
use dockerutils_dock::Docks;
use dockerutils_dock::session::{
    Session, ShellKind, Variable, close_session, relay_session, wait_for_connection, watch_session,
};
use dockerutils_ssh::is_below_runtime_folder;

use self::open::ShellState;
use crate::dock_context::{DockContext, resolve_dock};
use crate::{Result, parse_for_eval, ui};

/// Define dock and castoff in a shell, and do their work
#[derive(Parser)]
#[command(name = "dock", bin_name = "dock-session", version, after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

const EXAMPLES: &str = "\
Examples:
  eval \"$(dock-session init bash)\"     in ~/.bashrc: defines dock and castoff, and completes monikers
  eval \"$(dock-session init zsh)\"      in ~/.zshrc, after compinit
  dock-session init fish | source       in ~/.config/fish/config.fish
  source dock gpu                       runs `dock-session open`, castoff runs `dock-session close`";

#[derive(Subcommand)]
enum Act {
    /// Print what a shell's start-up file evaluates: it defines dock and castoff, and completes monikers
    Init {
        /// The shell that evaluates the output
        #[arg(value_enum)]
        shell: init::StartupShell,
    },
    /// Open the session of a dock, and print what the shell evaluates
    Open(Open),
    /// Release the calling shell's hold on a session, and close the session if it was the last
    Close {
        /// The session's folder
        folder: PathBuf,
    },
    /// Print the help of castoff, or refuse its arguments: it takes none
    Castoff {
        /// The words after `castoff`
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// Print the monikers that start with a text, for Tab completion
    Complete {
        /// The text that was typed
        #[arg(default_value = "")]
        typed: String,
    },
    /// Open the connection of this terminal's session again, if it was lost
    Ensure {
        /// Print the commands and run none
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        echo: ui::EchoArgs,
    },
    /// Print a note if an ssh takes long to connect
    Notice {
        /// The process ID of ssh
        pid: i32,
        /// The socket on which it listens when it has connected
        control: PathBuf,
        /// The dock's moniker
        moniker: String,
    },
    /// Pass connections on to docker with sudo on the dock
    Relay {
        /// The session's folder
        folder: PathBuf,
    },
    /// Close a session when the last process that holds it has ended
    Watch {
        /// The session's folder
        folder: PathBuf,
    },
}

/// Point this terminal at where it was before `source dock`
#[derive(Parser)]
#[command(name = "castoff", no_binary_name = true)]
struct Castoff {}

#[derive(clap::Args)]
struct Open {
    /// The shell that evaluates the output
    #[arg(long, value_enum)]
    shell: Shell,
    /// The folder of the session that the shell is docked to; empty if it is not docked
    #[arg(long, default_value = "", hide_default_value = true)]
    docked: OsString,
    /// A variable that castoff restores; without a value if it is not set
    #[arg(long, value_name = "NAME=VALUE")]
    was: Vec<Variable>,
    /// The words after `source dock`
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

impl From<Shell> for ShellKind {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Posix => ShellKind::Posix,
            Shell::Fish => ShellKind::Fish,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Fails if a record cannot be read, or if a session cannot be opened, used or closed.
pub fn run(args: &Args) -> Result {
    match &args.act {
        Act::Init { shell } => Ok(ui::print_line(shell.code())?),
        Act::Open(Open { shell, docked, was, words }) => {
            let state = ShellState { kind: (*shell).into(), docked, before: was };
            match state.source(words)? {
                Some(line) => Ok(ui::print_line(line)?),
                None => Ok(()),
            }
        }
        Act::Close { folder } => close(folder),
        Act::Castoff { words } => {
            ui::set_program_name("castoff");
            parse_for_eval::<Castoff>(words).map(|_| ())
        }
        Act::Complete { typed } => complete(&Docks::of_current_user()?, typed),
        Act::Ensure { dry_run, echo } => ensure_session(&echo.runner(*dry_run)),
        Act::Notice { pid, control, moniker } => {
            ui::set_program_name("ssh-dock");
            let waiting = ui::waiting_for(moniker);
            wait_for_connection(*pid, control);
            drop(waiting);
            Ok(())
        }
        Act::Relay { folder } => relay(folder),
        Act::Watch { folder } => watch(folder),
    }
}

fn close(folder: &Path) -> Result {
    // A folder of any other name never was a session, and its owner and mode do not matter.
    if !is_below_runtime_folder(folder) {
        ui::note(format_args!("{} is not the folder of a session", folder.display()));
        return Ok(());
    }
    match Session::at(folder)? {
        Some(session) => Ok(close_session(&session, parent_id(), &ui::EchoArgs::runner_of_environment())?),
        None => Ok(()),
    }
}

fn watch(folder: &Path) -> Result {
    match Session::at(folder)? {
        Some(session) => Ok(watch_session(&session)?),
        None => Ok(()),
    }
}

fn relay(folder: &Path) -> Result {
    match Session::at(folder)? {
        Some(session) => Ok(relay_session(&session)?),
        None => Ok(()),
    }
}

/// Opens the connection again. A script that calls this expects a dock, so it is an error if the terminal names none.
fn ensure_session(runner: &Runner) -> Result {
    match DockContext::of_terminal()?.into_docked_engine() {
        Some(engine) => engine.ensure_session(runner).map(|_| ()),
        None => resolve_dock(&Docks::of_current_user()?, None).map(|_| ()),
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
