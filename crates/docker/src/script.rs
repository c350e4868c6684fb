//! The scripts before and after a build.

use dockerutils_command::Command;
use dockerutils_config::Value;
use dockerutils_project::Image;

use crate::environment::add_words;
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
        let command = Command::new(program.text()).dir(image.project().root());
        Ok(Script { value, command: add_words(command, value, args)? })
    }
}
