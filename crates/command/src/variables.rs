//! The variables that a child gets in addition to, or in place of, ours; and the bash words that set them for one command.

use std::collections::HashSet;
use std::env;
use std::ffi::OsString;

use secrecy::{ExposeSecret, SecretString};

use crate::quote;

/// A part of the value of a variable.
#[derive(Debug, Clone)]
pub enum ValuePart {
    /// Text that may be printed.
    Text(String),
    /// The value of our own variable of this name.
    Variable(String),
    /// A secret that none of our variables holds. The echo requires the user to set it before the line is pasted.
    Hidden(SecretString),
}

// Secrets are not compared: equal echoes make equal commands.
impl PartialEq for ValuePart {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (ValuePart::Text(a), ValuePart::Text(b)) | (ValuePart::Variable(a), ValuePart::Variable(b)) => {
                a == b
            }
            (ValuePart::Hidden(_), ValuePart::Hidden(_)) => true,
            _ => false,
        }
    }
}

impl Eq for ValuePart {}

/// The variables of one command, each name once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variables(Vec<Variable>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: String,
    value: Vec<ValuePart>,
}

/// What stands before the words of a command in bash.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Assignments {
    /// Assignments to names that the command does not get, which hold values that are overwritten too early otherwise.
    pub(crate) saved: Vec<String>,
    /// The assignments for the command alone, in order.
    pub(crate) prefix: Vec<String>,
}

impl Variables {
    /// Sets a variable; a later value replaces an earlier one, as docker does with `-e`.
    pub(crate) fn set(&mut self, name: String, value: Vec<ValuePart>) {
        self.0.retain(|variable| variable.name != name);
        // The child inherits a variable of the same name anyway, and the echo stays shorter.
        if !matches!(&value[..], [ValuePart::Variable(source)] if *source == name) {
            self.0.push(Variable { name, value });
        }
    }

    /// Returns the values. A variable that we do not have stays unset for the child too.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, OsString)> {
        self.0.iter().filter_map(|variable| Some((variable.name.as_str(), variable.value()?)))
    }

    /// Returns the assignments that have the same effect in bash, and leave nothing set there.
    ///
    /// bash sets one variable after the other, so each comes before those that replace what it reads. If two read each
    /// other, one value is saved first.
    pub(crate) fn assignments(&self) -> Assignments {
        let mut assignments = Assignments::default();
        let mut pending: Vec<Variable> = self.0.clone();
        while !pending.is_empty() {
            let is_read = |name: &str| pending.iter().any(|other| other.name != name && other.reads(name));
            let Some(index) = pending.iter().position(|variable| !is_read(&variable.name)) else {
                assignments.saved.push(save(&mut pending));
                continue;
            };
            assignments.prefix.push(pending.remove(index).assignment());
        }
        assignments
    }
}

/// Saves the first variable under a free name, makes the others read that one, and returns the assignment.
fn save(pending: &mut [Variable]) -> String {
    let taken: HashSet<String> = pending.iter().flat_map(Variable::sources).collect();
    let is_free = |name: &String| !taken.contains(name) && env::var_os(name).is_none();
    let saved = (1..).map(|number| format!("saved_{number}")).find(is_free).unwrap_or_default();
    let name = pending[0].name.clone();
    for part in pending[1..].iter_mut().flat_map(|other| &mut other.value) {
        if *part == ValuePart::Variable(name.clone()) {
            *part = ValuePart::Variable(saved.clone());
        }
    }
    format!("{saved}=\"${name}\"")
}

impl Variable {
    fn value(&self) -> Option<OsString> {
        if let [ValuePart::Variable(source)] = &self.value[..] {
            return env::var_os(source);
        }
        let mut value = OsString::new();
        for part in &self.value {
            match part {
                ValuePart::Text(text) => value.push(text),
                ValuePart::Variable(source) => value.push(env::var_os(source).unwrap_or_default()),
                ValuePart::Hidden(secret) => value.push(secret.expose_secret()),
            }
        }
        Some(value)
    }

    fn sources(&self) -> impl Iterator<Item = String> {
        let source = |part: &ValuePart| match part {
            ValuePart::Variable(source) => Some(source.clone()),
            ValuePart::Text(_) | ValuePart::Hidden(_) => None,
        };
        self.value.iter().filter_map(source)
    }

    fn reads(&self, name: &str) -> bool {
        self.sources().any(|source| source == name)
    }

    fn assignment(&self) -> String {
        let name = &self.name;
        if self.value.iter().any(|part| matches!(part, ValuePart::Hidden(_))) {
            // A variable of this name that is set already has another value, which must not be taken for the secret.
            let source = if env::var_os(name).is_some() { format!("{name}_VALUE") } else { name.clone() };
            return format!("{name}=\"${{{source}:?is not printed, set it first}}\"");
        }
        let part = |part: &ValuePart| match part {
            ValuePart::Text(text) => quote(text.as_ref()),
            ValuePart::Variable(source) => format!("\"${{{source}}}\""),
            ValuePart::Hidden(_) => String::new(),
        };
        let value = match &self.value[..] {
            [ValuePart::Variable(source)] => format!("\"${source}\""),
            parts => parts.iter().map(part).collect(),
        };
        format!("{name}={value}")
    }
}
