//! The flags of the build of one image: the configured `build_args`, and after them those of the command line.

use std::collections::HashMap;
use std::env;

use dockerutils_command::Command;
use dockerutils_config::Word;
use dockerutils_project::{DockerfileInputs, Image};

use crate::buildkit;
use crate::environment::{Role, add_given, add_words, secret_build_args};
use crate::error::Error;
use crate::flag_check::BUILD;
use crate::flag_words::flag_words;
use crate::flags::{BUILD_SWITCHES, Flag, flags, last_value};

/// The flags of a build. Later ones take precedence, so those of the command line come last.
#[derive(Default)]
pub(crate) struct BuildFlags {
    /// The configured flags, which remember the variables that secrets come from.
    configured: Vec<Word>,
    further: Vec<String>,
    /// All of them as text.
    words: Vec<String>,
}

impl BuildFlags {
    /// Evaluates the `build_args` of an image and appends further flags.
    pub(crate) fn evaluate(image: &Image, further: &[String]) -> Result<Self, Error> {
        let configured = match &image.section.build_args {
            Some(value) => flag_words(value, &image.scope()?, BUILD)?,
            None => Vec::new(),
        };
        let words = configured.iter().map(Word::text).chain(further.iter().cloned()).collect();
        Ok(BuildFlags { configured, further: further.to_vec(), words })
    }

    /// Adds the flags to `docker build`, secrets by name.
    pub(crate) fn add_to(&self, mut command: Command, image: &Image) -> Result<Command, Error> {
        if let Some(value) = &image.section.build_args {
            command =
                add_words(command, value, &self.configured, Role::BuildFlags, &image.section.not_secret)?;
        }
        add_given(command, &self.further, Role::BuildFlags, &image.section.not_secret)
    }

    /// Returns the names of the build arguments that are secrets.
    pub(crate) fn secret_args(&self, image: &Image) -> Vec<String> {
        let words: Vec<Word> =
            self.configured.iter().cloned().chain(self.further.iter().map(Word::plain)).collect();
        secret_build_args(&words, &image.section.not_secret)
    }

    /// Returns the Dockerfile that the flags name instead of the image's own.
    pub(crate) fn dockerfile(&self) -> Option<&str> {
        last_value(&self.flags(), &["f", "file"])
    }

    /// Returns whether the flags name the stage to build.
    pub(crate) fn has_target(&self) -> bool {
        last_value(&self.flags(), &["target"]).is_some()
    }

    /// Returns whether the flags have the same meaning for both of docker's builders.
    pub(crate) fn supports_both_builders(&self) -> bool {
        buildkit::supports_flags(&self.flags())
    }

    /// Returns the flags that decide which images a Dockerfile needs.
    pub(crate) fn dockerfile_inputs(&self) -> DockerfileInputs {
        let flags = self.flags();
        let values = |wanted: &'static str| {
            flags.iter().filter(move |(name, _)| *name == wanted).filter_map(|(_, value)| *value)
        };
        let contexts = values("build-context").filter_map(|context| context.split_once('='));
        DockerfileInputs {
            // Collecting keeps the last value of a name, as docker does.
            args: values("build-arg").filter_map(build_arg).collect(),
            contexts: contexts
                .map(|(name, context)| (name.to_owned(), context.to_owned()))
                .collect::<HashMap<_, _>>(),
            target: last_value(&flags, &["target"]).map(str::to_owned),
        }
    }

    fn flags(&self) -> Vec<Flag<'_>> {
        flags(&self.words, &BUILD_SWITCHES)
    }
}

/// Returns the name and value of `NAME=VALUE`. For `NAME` alone, docker takes the value from the environment, and ignores
/// the argument if the variable is not set.
fn build_arg(setting: &str) -> Option<(String, String)> {
    match setting.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => env::var(setting).ok().map(|value| (setting.to_owned(), value)),
    }
}
