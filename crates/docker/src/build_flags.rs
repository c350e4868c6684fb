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
use crate::flag_words::{flag_words, without_flags};
use crate::flags::{BUILD_SWITCHES, Flag, flags, is_on, last_value, without};
use crate::relative_paths::absolute_build_paths;

/// The flags of `docker build` that name, describe or send the result.
const RESULT: [&str; 9] =
    ["annotation", "cache-to", "iidfile", "metadata-file", "o", "output", "push", "t", "tag"];

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
        Ok(BuildFlags::new(configured, absolute_build_paths(image.project().root(), further)?))
    }

    fn new(configured: Vec<Word>, further: Vec<String>) -> Self {
        let words = configured.iter().map(Word::text).chain(further.iter().cloned()).collect();
        BuildFlags { configured, further, words }
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

    /// Returns the same flags without those that name or send the result, for the build of a stage before the image.
    ///
    /// `--iidfile` would hold the ID of the stage if the build of the image fails, and `-t` would give it the image's tag.
    pub(crate) fn without_result(&self) -> Self {
        let is_result = |name: &str, _: &str| RESULT.contains(&name);
        let configured = without_flags(&self.configured, &BUILD_SWITCHES, is_result);
        let further =
            without(&self.further, &BUILD_SWITCHES, is_result).into_iter().map(|(_, word)| word).collect();
        BuildFlags::new(configured, further)
    }

    /// Returns whether the build prints nothing but the image's ID, on standard output.
    pub(crate) fn is_quiet(&self) -> bool {
        is_on(&self.flags(), &["q", "quiet"])
    }

    /// Returns whether the flags make docker check or print the build instead of running it.
    pub(crate) fn builds_nothing(&self) -> bool {
        let flags = self.flags();
        is_on(&flags, &["check"])
            || last_value(&flags, &["call", "print"]).is_some_and(|call| call != "build")
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
