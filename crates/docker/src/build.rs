//! `docker build`.

use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::Image;

use crate::environment::add_words;
use crate::{Error, docker};

/// What the command line says about a build, beyond the configuration.
#[derive(Debug, Default, Clone)]
pub struct Build<'a> {
    /// Pull what FROM names.
    pub pull: bool,
    /// Further flags, as they stand.
    pub flags: &'a [String],
}

/// The builds of an image: the image itself, and before it its builder stage where it has one, so that a prune keeps
/// the builder's layers.
///
/// # Errors
/// What the configuration says of it cannot be used.
pub fn builds(image: &Image, build: &Build) -> Result<Vec<Command>, Error> {
    let reference = image.reference()?;
    let words = match &image.section.build_args {
        Some(value) => value.words(&image.scope()?)?,
        None => Vec::new(),
    };
    let one = |target: Option<&str>, tag: &str| -> Result<Command, Error> {
        let mut command = docker(image.project()).arg("build");
        command = if build.pull { command.arg("--pull") } else { command };
        command = target.map_or_else(|| command.clone(), |stage| command.clone().arg("--target").arg(stage));
        command = command.args(["-t", tag, "-f", &image.dockerfile_path()]);
        if let Some(value) = &image.section.build_args {
            command = add_words(command, value, &words)?;
        }
        Ok(command.args(build.flags).arg("."))
    };
    let mut commands = Vec::new();
    if image.dockerfile(&image.build_flags(build.flags)?)?.has_builder() {
        commands.push(one(Some("builder"), &builder(&reference))?);
    }
    commands.push(one(None, &reference.to_string())?);
    Ok(commands)
}

/// The name of an image's builder stage: `<name>-builder:<tag>`.
pub(crate) fn builder(reference: &Reference) -> String {
    format!("{}-builder:{}", reference.name(), reference.tag().unwrap_or("latest"))
}
