//! What a shell evaluates to be docked: assignments, every value quoted, and nothing else.
//!
//! A shell tells what its variables hold; whether they are exported is seen in our own environment.

use std::env;
use std::str::FromStr;

use shell_quote::{Bash, Fish, QuoteRefExt};

use super::{Endpoint, Session};
use crate::Dock;

/// Variables that would lead docker elsewhere.
const UNSET: [&str; 3] = ["DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY"];

/// How a shell reads what it evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// bash and zsh.
    Posix,
    /// fish.
    Fish,
}

/// A variable of a shell as it is before docking: `NAME=VALUE`, or `NAME` where it is not set.
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
            return Err(format!("`{name}` is no variable's name"));
        }
        Ok(Variable { name: name.to_owned(), value: value.map(ToOwned::to_owned) })
    }
}

impl Dialect {
    /// One line that docks a shell; in `__dock_undo` it leaves the line that undoes it.
    pub fn dock(self, session: &Session, dock: &Dock, endpoint: &Endpoint, before: &[Variable]) -> String {
        let undo: Vec<String> = before.iter().map(|variable| self.restore(variable)).collect();
        let mut statements = vec![self.point(dock, endpoint)];
        statements.extend(UNSET.iter().map(|name| self.unset(name)));
        statements.extend([
            self.set("__dock_session", &session.folder().to_string_lossy()),
            self.set("__dock_moniker", dock.moniker.as_str()),
            self.set("__dock_undo", &undo.join("; ")),
        ]);
        self.join(&statements)
    }

    /// One line that points docker at the dock, as it does already where the shell is docked to it.
    pub fn point(self, dock: &Dock, endpoint: &Endpoint) -> String {
        self.join(&[
            self.export("DOCKER_HOST", &endpoint.to_string()),
            self.export("DOCKER_IP", dock.address.as_str()),
            self.export("DOCK_MONIKER", dock.moniker.as_str()),
        ])
    }

    /// A variable that was exported is in our own environment; unsetting it first takes that from it.
    fn restore(self, variable: &Variable) -> String {
        let Variable { name, value } = variable;
        let unset = match self {
            Dialect::Posix => self.unset(name),
            Dialect::Fish => format!("set --erase --global {name}"),
        };
        match value {
            None => unset,
            Some(value) if env::var_os(name).is_some() => format!("{unset}; {}", self.export(name, value)),
            Some(value) => format!("{unset}; {}", self.set(name, value)),
        }
    }

    fn set(self, name: &str, value: &str) -> String {
        match self {
            Dialect::Posix => format!("{name}={}", self.quote(value)),
            Dialect::Fish => format!("set --global {name} {}", self.quote(value)),
        }
    }

    fn export(self, name: &str, value: &str) -> String {
        match self {
            Dialect::Posix => format!("export {name}={}", self.quote(value)),
            Dialect::Fish => format!("set --global --export {name} {}", self.quote(value)),
        }
    }

    /// In fish a universal variable would show through: one that is not exported covers it.
    fn unset(self, name: &str) -> String {
        match self {
            Dialect::Posix => format!("unset {name}"),
            Dialect::Fish => {
                format!("set --erase --global {name}; set --query {name}; and set --global --unexport {name}")
            }
        }
    }

    fn quote(self, value: &str) -> String {
        match self {
            Dialect::Posix => value.quoted(Bash),
            Dialect::Fish => value.quoted(Fish),
        }
    }

    /// A POSIX shell stops at the first statement that it refuses.
    fn join(self, statements: &[String]) -> String {
        statements.join(if self == Dialect::Posix { " && " } else { "; " })
    }
}
