//! The scripts before and after a build: not docker's, but replaced in and echoed like everything else.

use dockerutils_command::Command;
use dockerutils_config::Value;
use dockerutils_project::Image;

use crate::Error;
use crate::environment::add_words;

/// The command of `pre_build_script` or `post_build_script`, run at the project's root.
///
/// # Errors
/// Its value cannot be used.
pub fn script(image: &Image, value: &Value) -> Result<Command, Error> {
    let words = value.words(&image.scope()?)?;
    let Some((program, args)) = words.split_first() else {
        return Err(value.error("names no program").into());
    };
    let command = Command::new(program.text()).dir(image.project().root());
    add_words(command, value, args)
}
