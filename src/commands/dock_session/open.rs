//! `source dock`: what it prints, and the line that the shell evaluates.
//!
//! Standard output is for that line only, so help and the list of docks go to standard error.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::parent_id;
use std::path::Path;

use clap::{CommandFactory, Parser};
use dockerutils_command::Runner;
use dockerutils_dock::session::{
    Endpoint, InheritedDocking, Session, ShellKind, Variable, close_session, open_session,
};
use dockerutils_dock::{Dock, Docks, host_key};

use crate::dock_context::{DockContext, DockContextError, announce_host_key};
use crate::ui::{self, DockRow, dock_table};
use crate::{Result, parse_for_eval};

/// The shell that evaluates the output.
pub(super) struct ShellState<'a> {
    /// The syntax of the output.
    pub(super) kind: ShellKind,
    /// The folder of the session that it is docked to; empty if it is not docked.
    pub(super) docked: &'a OsStr,
    /// The variables that castoff restores.
    pub(super) before: &'a [Variable],
}

/// Point this terminal, and only this one, at a dock; castoff undoes it
#[derive(Parser)]
#[command(name = "source dock", no_binary_name = true, version)]
struct Words {
    /// The dock's moniker or address (default: list the docks)
    name: Option<String>,
    /// Print the command and do not run it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// Take over the variables that this shell has inherited from a docked terminal
    #[arg(long, hide = true, conflicts_with_all = ["name", "dry_run"])]
    inherited: bool,
}

impl ShellState<'_> {
    /// Runs `source dock` with these words. Returns the line for the shell to evaluate; `None` if it evaluates nothing.
    ///
    /// The calling shell is our parent process, and the session stays open as long as that lives.
    ///
    /// # Errors
    /// Fails if there is no such dock, or if it cannot be reached. Then the shell does not change.
    pub(super) fn source(&self, words: &[String]) -> Result<Option<String>> {
        let Some(words) = parse_for_eval::<Words>(words)? else { return Ok(None) };
        if words.inherited {
            return self.inherit().map(Some);
        }
        let docks = Docks::of_current_user()?;
        crate::dock_context::warn_of_unfinished_creations(&docks);
        let Some(name) = words.name.filter(|name| !name.is_empty()) else {
            return list(&docks).map(|()| None);
        };
        let dock = docks.find(&name)?;
        let session = Session::path(&docks, &dock);
        let endpoint = open(&docks, &dock, &words.echo.runner(words.dry_run))?;
        if words.dry_run {
            return Ok(None);
        }
        let is_already = self.docked == session;
        announce(&dock, &endpoint, is_already);
        Ok(Some(if is_already {
            self.kind.env_script(&dock, &endpoint)
        } else if self.docked.is_empty() {
            let inherited = InheritedDocking::of_environment().map(|docking| docking.before);
            let before = inherited.as_deref().unwrap_or(self.before);
            self.kind.dock_script(&session, &dock, &endpoint, before)
        } else {
            self.leave(&words.echo.runner(false));
            self.kind.switch_script(&session, &dock, &endpoint)
        }))
    }

    /// Returns the line for a shell that was started in a docked terminal and has inherited its variables.
    fn inherit(&self) -> Result<String> {
        let Some(docking) = InheritedDocking::of_environment() else {
            return Err(DockContextError::NothingToUndo(set_by_hand()).into());
        };
        let moniker = &docking.moniker;
        match docking.join(parent_id(), &Runner::default()) {
            Ok(true) => {}
            Ok(false) => ui::note(format_args!(
                "docked to {moniker}, whose connection is closed (`source dock {moniker}` opens it again, castoff undoes it)"
            )),
            // castoff must work all the same: DOCKER_HOST may name a socket of another user.
            Err(error) => ui::warn(error),
        }
        Ok(self.kind.inherited_script(&docking))
    }

    /// Releases the session that the shell leaves for another dock.
    fn leave(&self, runner: &Runner) {
        let session = Session::at(Path::new(self.docked));
        let closed =
            session.and_then(|session| session.map_or(Ok(()), |it| close_session(&it, parent_id(), runner)));
        // The other dock is open, so the shell goes there all the same; the watcher closes this session.
        if let Err(error) = closed {
            ui::warn(error);
        }
    }
}

/// Returns what to do about a DOCKER_HOST that `source dock` has not set; empty if there is none.
fn set_by_hand() -> String {
    let set: Vec<&str> = ["DOCKER_HOST", "DOCKER_IP"]
        .into_iter()
        .filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
        .collect();
    match set.first() {
        Some(&"DOCKER_HOST") => format!(" (DOCKER_HOST was set otherwise: `unset {}`)", set.join(" ")),
        _ => String::new(),
    }
}

/// Opens the session, and prints the fingerprint of the host key if ssh has accepted it for the first time.
fn open(docks: &Docks, dock: &Dock, runner: &Runner) -> Result<Endpoint> {
    let is_new = !docks.has_known_host_key(dock);
    if !runner.is_dry_run() {
        // A record that was edited by hand counts for docker's own ssh too. Without the file, docker opens more connections.
        let _ = docks.refresh_ssh_config();
    }
    let waiting = ui::waiting_for(&dock.moniker);
    let opened = open_session(docks, dock, parent_id(), runner);
    drop(waiting);
    // Also if opening failed: the key is trusted from now on all the same.
    if is_new && docks.has_known_host_key(dock) {
        // A fingerprint that cannot be printed is no reason to close what is open.
        announce_host_key(dock, host_key(docks, dock, runner).ok().flatten().as_deref());
    }
    Ok(opened?)
}

/// The reason why docker goes through ssh.
const NO_SOCKET: &str =
    "sshd there does not forward docker's socket (it is not allowed to, or no socket was found)";

fn announce(dock: &Dock, endpoint: &Endpoint, is_docked: bool) {
    let target = format!("docked to {}, {}", dock.moniker, dock.destination());
    ui::note(if is_docked { format!("already {target}") } else { format!("{target} (castoff undoes it)") });
    match endpoint {
        Endpoint::Socket(_) => {}
        Endpoint::Ssh { is_shared: true, .. } => {
            ui::note(format_args!("{NO_SOCKET}: docker goes through ssh, over the open connection"));
        }
        Endpoint::Ssh { is_shared: false, .. } => ui::note(format_args!(
            "{NO_SOCKET}, and ssh does not find the open connection: docker opens one for each call \
             (`register-dock {}` makes ~/.ssh/config include the docks; the path of your home may be too long for it)",
            dock.address
        )),
    }
}

fn list(docks: &Docks) -> Result {
    let current =
        DockContext::of_terminal().ok().and_then(|context| context.into_named_dock().ok()).flatten();
    let known = docks.all()?;
    let row = |dock| DockRow { dock, is_current: current.as_ref() == Some(dock), ec2: None, probe: None };
    let rows: Vec<DockRow> = known.iter().map(row).collect();
    let text = if rows.is_empty() {
        "no dock is registered: `register-dock ADDRESS MONIKER` registers one".to_owned()
    } else {
        dock_table(&rows)
    };
    ui::print_on_stderr(format_args!("{}\n\n{text}\n", Words::command().render_usage()));
    Ok(())
}
