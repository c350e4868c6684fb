//! The scripts before and after a build.

use dockerutils_command::Command;
use dockerutils_config::{Value, Word};
use dockerutils_project::{Image, Project};

use crate::environment::{Role, add_words};
use crate::error::Error;

/// A `pre_build_script` or `post_build_script`.
pub struct Script<'v> {
    /// The value of the configuration, for messages about a failure.
    pub value: &'v Value,
    /// The command, which runs at the project's root without a shell.
    pub command: Command,
}

impl<'v> Script<'v> {
    /// Evaluates the value of a script.
    pub(crate) fn new(image: &Image, value: &'v Value) -> Result<Self, Error> {
        let words = value.words(&image.scope()?)?;
        let Some((program, args)) = words.split_first() else {
            return Err(value.error("has no program to run").into());
        };
        if let Some(fault) = fault(image.project(), &words) {
            return Err(value.error(fault).into());
        }
        let command = Command::new(program.text()).dir(image.project().root());
        Ok(Script {
            value,
            command: add_words(command, value, args, Role::Script, &image.section.not_secret)?,
        })
    }
}

/// The programs whose first argument is a script.
const INTERPRETERS: [&str; 10] =
    ["bash", "dash", "ksh", "node", "perl", "python", "python3", "ruby", "sh", "zsh"];

/// Returns why the script must not be run, if another user could replace it.
fn fault(project: &Project, words: &[Word]) -> Option<String> {
    let program = words.first()?.text();
    let name = program.rsplit('/').next().unwrap_or_default();
    let script = words.iter().skip(1).map(Word::text).find(|word| !word.starts_with('-'));
    let script = script.filter(|_| INTERPRETERS.contains(&name));
    // A program without a slash is found on PATH, which the user has chosen.
    let program = program.contains('/').then_some(program.clone());
    [program, script]
        .into_iter()
        .flatten()
        .find_map(|path| project.trust().script_fault(&project.root().join(path)))
}
