//! The text that a shell evaluates to be docked: assignments, every value quoted, and nothing else.
//!
//! The shell passes the values of its variables as arguments. Whether they are exported shows in our own environment.

use std::env;
use std::path::Path;

use shell_quote::{Bash, Fish, QuoteRefExt};

use super::before::{BEFORE, Before, Variable, encode};
use super::{Endpoint, InheritedDocking};
use crate::{Dock, Moniker};

/// Variables that would point docker at another engine.
const UNSET: [&str; 3] = ["DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY"];

/// The kind of shell, which decides how assignments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellKind {
    /// bash and zsh.
    Posix,
    /// fish.
    Fish,
}

impl ShellKind {
    /// Returns one line that docks a shell, and stores in `__dock_undo` the line that undoes it.
    pub fn dock_script(
        self,
        session: &Path,
        dock: &Dock,
        endpoint: &Endpoint,
        before: &[Variable],
    ) -> String {
        let mut statements = vec![self.env_script(dock, endpoint)];
        statements.extend(UNSET.iter().map(|name| self.unset(name)));
        statements.extend(self.state(session, &dock.moniker));
        statements.extend(self.undo(before));
        self.join(&statements)
    }

    /// Returns one line that sets the variables of a shell which is docked to this dock already.
    pub fn env_script(self, dock: &Dock, endpoint: &Endpoint) -> String {
        self.join(&[
            self.export("DOCKER_HOST", &endpoint.to_string()),
            self.export("DOCKER_IP", dock.address.as_str()),
            self.export("DOCK_MONIKER", dock.moniker.as_str()),
        ])
    }

    /// Returns one line that points a docked shell at another dock. What undoes the docking stays.
    pub fn switch_script(self, session: &Path, dock: &Dock, endpoint: &Endpoint) -> String {
        let mut statements = vec![self.env_script(dock, endpoint)];
        statements.extend(UNSET.iter().map(|name| self.unset(name)));
        statements.extend(self.state(session, &dock.moniker));
        self.join(&statements)
    }

    /// Returns one line for a shell that has inherited the variables of docking: they stay, and castoff undoes them.
    pub fn inherited_script(self, docking: &InheritedDocking) -> String {
        let mut statements = self.state(&docking.session, &docking.moniker).to_vec();
        statements.extend(self.undo(&docking.before));
        self.join(&statements)
    }

    /// Returns the statements that store to which session a shell is docked.
    fn state(self, session: &Path, moniker: &Moniker) -> [String; 2] {
        [self.set("__dock_session", &session.to_string_lossy()), self.set("__dock_moniker", moniker.as_str())]
    }

    /// Returns the statements that store what castoff restores, for this shell and for those that it starts.
    fn undo(self, before: &[Variable]) -> [String; 2] {
        let undo: Vec<String> = before.iter().map(|variable| self.restore(variable)).collect();
        [
            // The undo line is stored in the shell, so that castoff restores the variables even if dock-session cannot run.
            self.set("__dock_undo", &undo.join("; ")),
            self.export(BEFORE, &encode(before)),
        ]
    }

    /// Returns the statements that restore a variable. Unsetting it first removes the export; a variable that was exported
    /// before docking is in our own environment.
    fn restore(self, Variable { name, before }: &Variable) -> String {
        let unset = match self {
            ShellKind::Posix => self.unset(name),
            ShellKind::Fish => format!("set --erase --global {name}"),
        };
        match (before, self) {
            (Before::Own(None) | Before::Inherited(None), _) => unset,
            (Before::Own(Some(value)), _) if env::var_os(name).is_none() => {
                format!("{unset}; {}", self.set(name, value))
            }
            // A universal variable shows again once the global one is erased.
            (Before::Inherited(Some(value)), ShellKind::Fish) => {
                let (quoted, export) = (self.quote(value), self.export(name, value));
                format!("{unset}; test \"${name}\" = {quoted}; or {export}")
            }
            (Before::Own(Some(value)) | Before::Inherited(Some(value)), _) => {
                format!("{unset}; {}", self.export(name, value))
            }
        }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            ShellKind::Posix => format!("{name}={}", self.quote(value)),
            ShellKind::Fish => format!("set --global {name} {}", self.quote(value)),
        }
    }

    fn export(self, name: &str, value: &str) -> String {
        match self {
            ShellKind::Posix => format!("export {name}={}", self.quote(value)),
            ShellKind::Fish => format!("set --global --export {name} {}", self.quote(value)),
        }
    }

    /// Returns the statement that unsets a variable. In fish a universal variable would show through an erased global one,
    /// so a global one that is not exported covers it.
    fn unset(self, name: &str) -> String {
        match self {
            ShellKind::Posix => format!("unset {name}"),
            ShellKind::Fish => {
                format!("set --erase --global {name}; set --query {name}; and set --global --unexport {name}")
            }
        }
    }

    fn quote(self, value: &str) -> String {
        match self {
            ShellKind::Posix => value.quoted(Bash),
            ShellKind::Fish => value.quoted(Fish),
        }
    }

    /// Joins statements. `&&` makes a POSIX shell stop at the first that fails, such as an assignment to a read-only variable.
    fn join(self, statements: &[String]) -> String {
        statements.join(if self == ShellKind::Posix { " && " } else { "; " })
    }
}
