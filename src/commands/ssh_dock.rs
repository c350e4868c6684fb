//! `ssh-dock`: opens a shell on a dock, or runs one command there.

use std::io::{IsTerminal, stderr, stdin};

use dockerutils_command::{Command, Runner};
use dockerutils_dock::session::{join_session, ssh_via_session, start_wait_notice};
use dockerutils_dock::{Dock, Docks};
use dockerutils_ssh::{TemporarySocket, remote_words};

use crate::dock_context::{accept_host_key, resolve_dock, warn_of_unfinished_creations};
use crate::{Error, Result, ui};

/// Open a shell on a dock, or run a command there
#[derive(clap::Parser)]
#[command(name = "ssh-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    name: Option<String>,
    /// Words of a command without `--` before it, for the error that names the remedy
    #[arg(hide = true)]
    stray: Vec<String>,
    /// Forward a local port or socket, as ssh's -L does; can be repeated
    #[arg(short = 'L', value_name = "PORT:HOST:PORT")]
    forward: Vec<String>,
    /// Further options for ssh, in shell words
    #[arg(short, long, value_name = "OPTIONS", allow_hyphen_values = true)]
    ssh_options: Option<String>,
    /// Print the command and do not run it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// The command to run; its arguments arrive unchanged
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  ssh-dock gpu                               a shell
  ssh-dock gpu -- ls '/data/my project'      one command with its arguments
  ssh-dock gpu -- sh -c 'df -h | grep data'  a pipe needs a shell
  ssh-dock gpu -L 8888:localhost:8888        local port 8888 leads to port 8888 of the dock";

/// Runs the command.
///
/// # Errors
/// Fails if there is no such dock, if the options are not valid shell words, or if ssh cannot be started.
pub fn run(args: &Args) -> Result {
    refuse_stray_words(args)?;
    let docks = Docks::of_current_user()?;
    warn_of_unfinished_creations(&docks);
    let dock = resolve_dock(&docks, args.name.as_deref())?;
    let runner = args.echo.runner(args.dry_run);
    let (ssh, connecting) = ssh(&docks, &dock, args, &runner)?;
    let command = command(ssh, &dock, args)?;
    // Before ssh takes our place: afterwards we cannot print a fingerprint.
    accept_host_key(&docks, &dock, &runner)?;
    if let Some(socket) = &connecting {
        // Without the process, the wait is the same, only silent.
        let _ = start_wait_notice(&dock, socket.socket(), &runner);
    }
    Ok(runner.exec(&command)?)
}

/// Fails if a command was written without `--` before it: then its options would be taken for ours.
fn refuse_stray_words(args: &Args) -> Result {
    let [first, ..] = args.stray.as_slice() else { return Ok(()) };
    let command = remote_words(args.stray.iter().chain(&args.command).map(String::as_str))?;
    let name = args.name.as_deref().unwrap_or_default();
    Err(Error::Usage(format!("`{first}` needs `--` before it: ssh-dock {name} -- {command}")))
}

/// Returns ssh through the connection that a docked terminal has opened, if there is one.
///
/// With -L or -s ssh opens a connection of its own: a forward through the shared connection would stay when we end, and
/// other options have no effect there.
///
/// On a terminal, a connection of its own has a control socket, which shows when ssh has connected.
fn ssh(
    docks: &Docks,
    dock: &Dock,
    args: &Args,
    runner: &Runner,
) -> Result<(Command, Option<TemporarySocket>)> {
    let may_share = args.forward.is_empty() && args.ssh_options.is_none();
    if may_share && let Some(session) = join_session(docks, dock, runner)? {
        return Ok((ssh_via_session(docks, dock, Some(&session.control())), None));
    }
    // The options of the user may name a control socket, too.
    let is_watched = !args.dry_run && args.ssh_options.is_none() && stderr().is_terminal();
    let socket = is_watched.then(|| TemporarySocket::new().ok()).flatten();
    let ssh = match &socket {
        Some(socket) => socket.socket().open_master(docks.ssh(dock), []),
        None => ssh_via_session(docks, dock, None),
    };
    // The dock's file clears forwards: those of the user's configuration are for shells, and -L is for any session.
    let has_forwards = !may_share || args.command.is_empty();
    let ssh = if has_forwards { ssh.args(["-o", "ClearAllForwardings=no"]) } else { ssh };
    Ok((ssh, socket))
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
    // ssh requests a terminal for a shell by itself. Output that goes to a file must not pass through one, which would
    // change its line ends.
    if !args.command.is_empty() && stdin().is_terminal() && ui::stdout_is_terminal() {
        command = command.arg("-t");
    }
    command = command.arg("--").arg(dock.destination());
    if args.command.is_empty() {
        return Ok(command);
    }
    Ok(command.arg(remote_words(args.command.iter().map(String::as_str))?))
}
