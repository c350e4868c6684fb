//! The words of an `aws` command line.

use std::fmt;

use dockerutils_command::{Command, quote};

/// An ID that a call needs: known, or in a script the result of an earlier line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// The ID.
    Known(String),
    /// The shell variable that holds the ID.
    Variable(&'static str),
}

impl Id {
    /// Returns the ID for a request; a variable has none.
    pub fn known(&self) -> Option<String> {
        match self {
            Id::Known(id) => Some(id.clone()),
            Id::Variable(_) => None,
        }
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        Id::Known(id.to_owned())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Id::Known(id) => f.write_str(id),
            Id::Variable(name) => write!(f, "${name}"),
        }
    }
}

/// The words after `aws ec2 VERB`. In those with a variable, nothing else is special to a shell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<Word>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    has_variable: bool,
}

impl Words {
    /// Starts without a word.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a flag and its value.
    #[must_use]
    pub fn with(self, flag: &str, value: impl Into<String>) -> Self {
        self.flag(flag).value(value)
    }

    /// Adds a flag and its values.
    #[must_use]
    pub fn with_all(self, flag: &str, values: impl IntoIterator<Item: Into<String>>) -> Self {
        values.into_iter().fold(self.flag(flag), Words::value)
    }

    /// Adds a flag.
    #[must_use]
    pub fn flag(self, flag: &str) -> Self {
        self.value(flag)
    }

    /// Adds a flag, and a value that contains these IDs: `text` has to be plain, apart from them.
    #[must_use]
    pub fn with_ids(self, flag: &str, text: impl fmt::Display, ids: &[&Id]) -> Self {
        let has_variable = ids.iter().any(|id| matches!(id, Id::Variable(_)));
        let mut words = self.flag(flag);
        words.0.push(Word { text: text.to_string(), has_variable });
        words
    }

    /// Adds a flag and an ID.
    #[must_use]
    pub fn with_id(self, flag: &str, id: &Id) -> Self {
        self.with_ids(flag, id, &[id])
    }

    /// Adds a word that is not a flag.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.0.push(Word { text: value.into(), has_variable: false });
        self
    }

    /// Returns the command, for its echo.
    pub(crate) fn command(&self) -> Command {
        Command::new("aws").args(self.0.iter().map(|word| word.text.clone()))
    }

    /// Returns the line for a script, in which variables are replaced by the shell.
    pub fn script_line(&self) -> String {
        let word = |word: &Word| match word.has_variable {
            true => format!("\"{}\"", word.text),
            false => quote(word.text.as_ref()),
        };
        ["aws".to_owned()].into_iter().chain(self.0.iter().map(word)).collect::<Vec<_>>().join(" ")
    }

    /// Adds the words of another list.
    #[must_use]
    pub(crate) fn and(mut self, others: Words) -> Self {
        self.0.extend(others.0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_replaces_variables_and_nothing_else() {
        let group = Id::Variable("SG");
        let words = Words::new().with("--description", "it's $5").with_id("--group-id", &group).with_ids(
            "--network-interfaces",
            format!("DeviceIndex=0,Groups={group}"),
            &[&group],
        );
        assert_eq!(
            words.script_line(),
            "aws --description 'it'\\''s $5' --group-id \"$SG\" --network-interfaces \"DeviceIndex=0,Groups=$SG\""
                .replace("'it'\\''s $5'", &quote("it's $5".as_ref()))
        );
    }
}
