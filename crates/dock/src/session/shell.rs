//! The text that a shell evaluates to be docked: assignments, every value quoted, and nothing else.
//!
//! The shell passes the values of its variables as arguments. Whether they are exported shows in our own environment.

use std::env;
use std::path::Path;
use std::str::FromStr;

use shell_quote::{Bash, Fish, QuoteRefExt};

use super::Endpoint;
use crate::Dock;

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

/// A shell's variable before docking: `NAME=VALUE`, or `NAME` if it is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    name: String,
    value: Option<String>,
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_name) {
            return Err(format!("`{name}` is not the name of a variable"));
        }
        Ok(Variable { name: name.to_owned(), value: value.map(ToOwned::to_owned) })
    }
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
        let undo: Vec<String> = before.iter().map(|variable| self.restore(variable)).collect();
        let mut statements = vec![self.env_script(dock, endpoint)];
        statements.extend(UNSET.iter().map(|name| self.unset(name)));
        statements.extend([
            self.set("__dock_session", &session.to_string_lossy()),
            self.set("__dock_moniker", dock.moniker.as_str()),
            // The undo line is stored in the shell, so that castoff restores the variables even if dock-session cannot run.
            self.set("__dock_undo", &undo.join("; ")),
        ]);
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

    /// Returns the statements that restore a variable. Unsetting it first removes the export; a variable that was exported
    /// before docking is in our own environment.
    fn restore(self, variable: &Variable) -> String {
        let Variable { name, value } = variable;
        let unset = match self {
            ShellKind::Posix => self.unset(name),
            ShellKind::Fish => format!("set --erase --global {name}"),
        };
        match value {
            None => unset,
            Some(value) if env::var_os(name).is_some() => format!("{unset}; {}", self.export(name, value)),
            Some(value) => format!("{unset}; {}", self.set(name, value)),
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
