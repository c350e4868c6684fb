//! `source dock`: what it says, and the line that the shell evaluates.
//!
//! Standard output belongs to that line, so help and the list of docks go to standard error.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::parent_id;

use clap::{CommandFactory, Parser};
use dockerutils_command::Runner;
use dockerutils_dock::session::{self, Dialect, Endpoint, Session, Variable};
use dockerutils_dock::{Dock, Docks, host_key};

use crate::dock_context::{docks, say_new_key};
use crate::ui::{self, DockRow, dock_table};
use crate::{Error, Result, parse_for_eval};

/// A shell in which `source dock` stands.
pub(super) struct Terminal<'a> {
    /// How it reads what it evaluates.
    pub(super) dialect: Dialect,
    /// The folder of the session that it is docked to; empty where it is not docked.
    pub(super) docked: &'a OsStr,
    /// What castoff is to restore.
    pub(super) before: &'a [Variable],
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

impl Terminal<'_> {
    /// Does what the words after `source dock` ask for; answers with what the shell is to evaluate, if anything.
    ///
    /// The shell that called is our parent, and the session stays open for as long as it lives.
    ///
    /// # Errors
    /// The shell stays as it is: there is no such dock, it cannot be reached, or the shell is docked to another.
    pub(super) fn source(&self, words: &[String]) -> Result<Option<String>> {
        let Some(words) = parse_for_eval::<Words>(words)? else { return Ok(None) };
        let docks = docks()?;
        let Some(name) = words.name.filter(|name| !name.is_empty()) else {
            return list(&docks).map(|()| None);
        };
        let dock = docks.find(&name)?;
        let session = Session::of(&docks, &dock);
        let is_docked = self.is_docked_to(&session)?;
        let runner = Runner::new(words.dry_run);
        let is_met = docks.has_met(&dock);
        let opened = session::open(&docks, &dock, parent_id(), &runner);
        if !is_met && docks.has_met(&dock) {
            // Not shown, it is no reason to stop: what is open stays open.
            say_new_key(&dock, host_key(&docks, &dock, &runner).ok().flatten().as_deref());
        }
        let endpoint = opened?;
        if words.dry_run {
            return Ok(None);
        }
        tell(&dock, &endpoint, is_docked);
        Ok(Some(match is_docked {
            true => self.dialect.point(&dock, &endpoint),
            false => self.dialect.dock(&session, &dock, &endpoint, self.before),
        }))
    }

    /// Docked to another session, it stays there.
    fn is_docked_to(&self, session: &Session) -> Result<bool> {
        let is_docked = !self.docked.is_empty();
        if is_docked && self.docked != session.folder() {
            return Err(Error::Docked(env::var("DOCK_MONIKER").unwrap_or_default()));
        }
        Ok(is_docked)
    }
}

/// Why docker goes through ssh.
const NO_SOCKET: &str =
    "sshd there forwards no /var/run/docker.sock (it may not, or docker's socket is elsewhere)";

fn tell(dock: &Dock, endpoint: &Endpoint, is_docked: bool) {
    let whereto = format!("docked to {}, {}", dock.moniker, dock.destination());
    ui::note(if is_docked {
        format!("{whereto}, already")
    } else {
        format!("{whereto} (castoff undoes it)")
    });
    match endpoint {
        Endpoint::Socket(_) => {}
        Endpoint::Ssh { is_shared: true, .. } => {
            ui::note(format_args!("{NO_SOCKET}: docker goes through ssh, over the open connection"));
        }
        Endpoint::Ssh { is_shared: false, .. } => ui::note(format_args!(
            "{NO_SOCKET}, and ssh by itself does not find the open connection: docker opens one for each call \
             (`register-dock {}` makes ~/.ssh/config include the docks; the path of your home may be too long for it)",
            dock.address
        )),
    }
}

fn list(docks: &Docks) -> Result {
    let current = docks.current().ok().flatten();
    let known = docks.all()?;
    let row = |dock| DockRow {
        dock,
        is_current: current.as_ref() == Some(dock),
        instance_state: None,
        probe: None,
    };
    let rows: Vec<DockRow> = known.iter().map(row).collect();
    let rows = match rows.is_empty() {
        true => "No docks yet: register-dock ADDRESS MONIKER".to_owned(),
        false => dock_table(&rows),
    };
    ui::print_on_stderr(format_args!("{}\n\n{rows}\n", Words::command().render_usage()));
    Ok(())
}
