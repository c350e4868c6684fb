//! A shell on a dock, or one command there.

use std::io::{IsTerminal, stdin, stdout};

use crate::dock_context::{docks, meet, named_or_current};
use crate::{Error, Result};
use dockerutils_command::{Command, Runner};
use dockerutils_dock::session::{Session, ssh_through_master};
use dockerutils_dock::{Dock, Docks, ssh};

/// Open a shell on a dock, or run a command there
#[derive(clap::Parser)]
#[command(name = "ssh-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address; the dock that this terminal is docked to if nothing is said
    name: Option<String>,
    /// Forward a port or socket of this machine, as ssh's own -L; may be given several times
    #[arg(short = 'L', value_name = "PORT:HOST:PORT")]
    forward: Vec<String>,
    /// Further options for ssh, in shell words
    #[arg(short, long, value_name = "OPTIONS", allow_hyphen_values = true)]
    ssh_options: Option<String>,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// The command to run there; its arguments arrive as they are given
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  ssh-dock gpu                               a shell
  ssh-dock gpu -- ls '/data/my project'      one command, its arguments whole
  ssh-dock gpu -- sh -c 'df -h | grep data'  a pipe is a shell's business
  ssh-dock gpu -L 8888:localhost:8888        and port 8888 there is port 8888 here";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    let docks = docks()?;
    let dock = named_or_current(&docks, args.name.as_deref())?;
    let runner = Runner::new(args.dry_run);
    let ssh = ssh(&docks, &dock, args, &runner)?;
    let command = command(ssh, &dock, args)?;
    meet(&docks, &dock, &runner)?;
    Ok(runner.exec(&command)?)
}

/// ssh, over the connection of the terminals that are docked there, if there are any.
///
/// A forward would stay there when we have gone, and other options do nothing there: those get a connection of their own.
fn ssh(docks: &Docks, dock: &Dock, args: &Args, runner: &Runner) -> Result<Command> {
    let session = Session::of(docks, dock);
    let may_share = args.forward.is_empty() && args.ssh_options.is_none();
    Ok(match may_share && session.join(runner)? {
        true => ssh_through_master(&session, docks, dock),
        false => ssh::ssh(docks, dock),
    })
}

fn command(ssh: Command, dock: &Dock, args: &Args) -> Result<Command> {
    let mut command = ssh;
    for forward in &args.forward {
        command = command.arg("-L").arg(forward);
    }
    if let Some(options) = &args.ssh_options {
        let words = shlex::split(options)
            .ok_or_else(|| Error::Usage(format!("-s: a quote in `{options}` is never closed")))?;
        command = command.args(words);
    }
    // For a shell ssh asks for a terminal itself; output that goes to a file must not pass through one.
    if !args.command.is_empty() && stdin().is_terminal() && stdout().is_terminal() {
        command = command.arg("-t");
    }
    command = command.arg("--").arg(dock.destination());
    if args.command.is_empty() {
        return Ok(command);
    }
    Ok(command.arg(ssh::remote_command(args.command.iter().map(String::as_str))?))
}
