//! The variables of a terminal before it was docked, which castoff restores.
//!
//! A shell knows its own. A shell that was started in a docked terminal (a nested shell, a pane of tmux, `exec bash`)
//! inherits the exported ones in [`BEFORE`], because what it finds in its environment is the dock's.

use std::collections::BTreeMap;
use std::env;
use std::str::FromStr;

/// The variables that docking changes.
const NAMES: [&str; 6] =
    ["DOCKER_HOST", "DOCKER_IP", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCK_MONIKER"];

/// The variable that hands the exported variables from before the first docking on, as a JSON object.
///
/// It is set while a terminal is docked by `source dock`, and never if the variables of docking were set by hand.
pub(super) const BEFORE: &str = "__dock_before";

/// A shell's variable before docking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub(super) name: String,
    pub(super) before: Before,
}

/// What a variable was before docking; `None` if it was not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Before {
    /// The shell's own variable. If it was exported, it is in our own environment.
    Own(Option<String>),
    /// The exported variable of the shell that was docked first.
    Inherited(Option<String>),
}

impl FromStr for Variable {
    type Err = String;

    /// Parses a variable of the calling shell: `NAME=VALUE`, or `NAME` if it is not set.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_name) {
            return Err(format!("`{name}` is not the name of a variable"));
        }
        Ok(Variable { name: name.to_owned(), before: Before::Own(value.map(ToOwned::to_owned)) })
    }
}

impl Variable {
    /// Returns the value that another program found in the environment before docking.
    fn exported(&self) -> Option<String> {
        match &self.before {
            Before::Own(_) => env::var(&self.name).ok(),
            Before::Inherited(value) => value.clone(),
        }
    }
}

/// Returns whether this process was started in a terminal that `source dock` had docked.
pub fn is_docked_by_us() -> bool {
    env::var_os(BEFORE).is_some()
}

/// Returns the value of [`BEFORE`] for these variables.
pub(super) fn encode(variables: &[Variable]) -> String {
    let exported = |variable: &Variable| Some((variable.name.clone(), variable.exported()?));
    let values: BTreeMap<String, String> = variables.iter().filter_map(exported).collect();
    serde_json::to_value(values).unwrap_or_default().to_string()
}

/// Returns the variables before the first docking, from the value of [`BEFORE`]. If that is not known, none was set.
pub(super) fn decode(before: Option<&str>) -> Vec<Variable> {
    let mut values: BTreeMap<String, String> =
        before.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let variable =
        |name: &str| Variable { name: name.to_owned(), before: Before::Inherited(values.remove(name)) };
    NAMES.map(variable).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inherited_is_handed_on_unchanged() {
        for json in [r#"{"DOCKER_CONTEXT":"a \"b\"\nc","DOCKER_HOST":""}"#, "{}"] {
            assert_eq!(encode(&decode(Some(json))), json);
        }
    }

    #[test]
    fn without_a_valid_value_no_variable_was_set() {
        for before in [None, Some(""), Some("{"), Some("[1]"), Some(r#"{"DOCKER_HOST":1}"#)] {
            let variables = decode(before);
            assert_eq!(variables.len(), NAMES.len());
            assert!(
                variables.iter().all(|variable| variable.before == Before::Inherited(None)),
                "{before:?}"
            );
        }
        // Only these variables are restored, whatever the value names.
        assert_eq!(encode(&decode(Some(r#"{"PATH":"/evil"}"#))), "{}");
    }
}
