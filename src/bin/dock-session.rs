//! What `source dock`, `castoff` and Tab call: the parts of shell/dock and shell/dock.fish that need no shell.
//!
//! Standard output of `open` is what the shell evaluates, so nothing else is ever written there. The process that uses a
//! session is our parent: the shell that called, be it a subshell.

use std::ffi::{OsStr, OsString};
use std::io::{Write, stderr, stdout};
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use dockerutils::{Error, Result, Row, docks, named_or_current, parse_aside, say, say_new_key, table};
use dockerutils_command::Runner;
use dockerutils_dock::session::{self, Dialect, Endpoint, Session, Variable};
use dockerutils_dock::{Dock, Docks, host_key};

/// What `source dock` and castoff are made of; not to be called by hand
#[derive(Parser)]
#[command(name = "dock", bin_name = "dock-session", version, after_help = EXAMPLES)]
struct Args {
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

/// Point this terminal, and only this one, at a dock; castoff puts everything back
#[derive(Parser)]
#[command(name = "source dock", no_binary_name = true, version)]
struct Words {
    /// The dock's moniker or address; the docks are listed if nothing is said
    name: Option<String>,
    /// Show what would be run, and run nothing
    #[arg(long)]
    dry_run: bool,
}

fn main() -> ExitCode {
    dockerutils::main(|args: Args| match args.act {
        Act::Open(open) => dock(&open),
        Act::Close { folder } => Ok(session::close(&Session::at(&folder), parent_id(), &Runner::default())?),
        Act::Complete { typed } => complete(&docks()?, &typed),
        Act::Ensure { dry_run } => {
            let docks = docks()?;
            Ok(session::ensure(&docks, &named_or_current(&docks, None)?, &Runner::new(dry_run))?)
        }
        Act::Watch { folder } => Ok(session::watch(&Session::at(&folder))?),
    })
}

fn dock(args: &Open) -> Result {
    let Some(words) = parse_aside::<Words>(&args.words)? else { return Ok(()) };
    let docks = docks()?;
    let Some(name) = words.name else { return list(&docks) };
    let dock = docks.find(&name)?;
    let session = Session::of(&docks, &dock);
    let is_docked = is_docked(&args.docked, &session)?;
    let runner = Runner::new(words.dry_run);
    let is_met = docks.has_met(&dock);
    let endpoint = session::open(&docks, &dock, parent_id(), &runner)?;
    if words.dry_run {
        return Ok(());
    }
    if !is_met {
        say_new_key(&dock, host_key(&docks, &dock, &runner)?.as_deref());
    }
    tell(&dock, &endpoint, is_docked);
    let dialect = match args.shell {
        Shell::Posix => Dialect::Posix,
        Shell::Fish => Dialect::Fish,
    };
    answer(&match is_docked {
        true => dialect.point(&dock, &endpoint),
        false => dialect.dock(&session, &dock, &endpoint, &args.was),
    });
    Ok(())
}

/// Whether the shell is docked to this very session; docked to another, it stays there.
fn is_docked(docked: &OsStr, session: &Session) -> Result<bool> {
    let is_docked = !docked.is_empty();
    if is_docked && docked != session.folder() {
        return Err(Error::Docked(std::env::var("DOCK_MONIKER").unwrap_or_default()));
    }
    Ok(is_docked)
}

fn tell(dock: &Dock, endpoint: &Endpoint, is_docked: bool) {
    let whereto = format!("docked to {}, {}", dock.moniker, dock.destination());
    say(if is_docked { format!("{whereto}, already") } else { format!("{whereto} (castoff undoes it)") });
    match endpoint {
        Endpoint::Socket(_) => {}
        Endpoint::Ssh { is_shared: true, .. } => {
            say("its sshd forwards no sockets: docker goes through ssh, over the connection that is open");
        }
        Endpoint::Ssh { is_shared: false, .. } => say(format_args!(
            "its sshd forwards no sockets, and ~/.ssh/config does not include the docks: docker opens a connection \
             for each call (`register-dock {}` includes them)",
            dock.address
        )),
    }
}

fn list(docks: &Docks) -> Result {
    let current = docks.current().ok().flatten();
    let known = docks.all()?;
    let rows = known.iter().map(|dock| Row {
        dock,
        is_current: current.as_ref() == Some(dock),
        instance_state: None,
        probe: None,
    });
    let rows: Vec<Row> = rows.collect();
    let usage = Words::command().render_usage();
    let _ = match rows.is_empty() {
        true => writeln!(stderr(), "{usage}\n\nNo docks yet: register-dock ADDRESS MONIKER"),
        false => writeln!(stderr(), "{usage}\n\n{}", table(&rows)),
    };
    Ok(())
}

fn complete(docks: &Docks, typed: &str) -> Result {
    for dock in docks.all()? {
        if dock.moniker.as_str().starts_with(typed) {
            answer(dock.moniker.as_str());
        }
    }
    Ok(())
}

/// A shell that no longer listens needs no answer.
fn answer(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
