//! The images that are transferred.

use dockerutils_command::{Command, Runner};
use dockerutils_docker::engine;
use dockerutils_oci::{Platform, Reference};
use dockerutils_project::{Error as ProjectError, Project};
use dockerutils_transfer::remote::ExpectedImage;
use dockerutils_transfer::source::{self, Source};

use super::Args;
use super::error::TransferError;
use crate::docker_calls::{DockerCallError, inspect_images};
use crate::{Error, Result};

/// Finds the images that these words name: folders and synthetic images of the project, or images that docker has.
/// `is_docked` decides between a key of the configuration and its `_docked` twin.
///
/// # Errors
/// Fails if there is no such image.
pub(super) fn open_source(words: &[String], is_docked: bool, runner: &Runner) -> Result<Source> {
    let project = match Project::find(is_docked) {
        Ok(project) => Some(project),
        // Outside of a project all words are names for docker.
        Err(ProjectError::NoProject { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let reference = |word: &String| match project.as_ref().map(|project| project.image(word)) {
        Some(Ok(image)) => Ok(image.reference()?.to_string()),
        None | Some(Err(ProjectError::NoImage { .. })) => Ok(word.clone()),
        Some(Err(error)) => Err(error.into()),
    };
    let references = words.iter().map(reference).collect::<Result<Vec<String>>>()?;
    Source::open(&references, &engine::root(), runner).map_err(|error| match error {
        source::Error::NoImage(name) => not_built(name, words, &references),
        error => TransferError::Transfer(error.into()).into(),
    })
}

/// Returns the error for an image that docker does not have; the remedy is only for images of the project.
fn not_built(name: String, words: &[String], references: &[String]) -> Error {
    let index = references.iter().position(|reference| *reference == name);
    let image = index.map(|index| &words[index]).filter(|word| **word != name);
    let remedy = image.map(|image| format!("build it with `build-image {image}`"));
    DockerCallError::NoImage { name, remedy }.into()
}

/// Returns the images with the name and the platform that the user has chosen, and the `docker save` that does the same.
///
/// # Errors
/// Fails if the name is not valid, or an image does not have the platform.
pub(super) fn select(source: Source, args: &Args, runner: &Runner) -> Result<(Source, Command)> {
    // Docker knows the images by their own names.
    let save = docker_save(&source, args.platform.as_ref());
    let source = with_reference(source, args.reference.as_deref())?;
    let Some(platform) = &args.platform else { return Ok((source, save)) };
    let source = source.with_platform(platform, runner);
    Ok((source.map_err(|error| TransferError::Transfer(error.into()))?, save))
}

/// Returns the source with this reference in place of the image's own names.
///
/// # Errors
/// Fails if the reference is not valid, or there are several images.
fn with_reference(source: Source, reference: Option<&str>) -> Result<Source> {
    let Some(text) = reference else { return Ok(source) };
    let invalid = |problem: String| Error::from(TransferError::InvalidReference(problem));
    let reference = Reference::parse(text).map_err(|error| invalid(error.to_string()))?;
    if reference.digest().is_some() {
        return Err(invalid(format!("`{text}` has a digest, which cannot be chosen: leave it out")));
    }
    if source.images().len() != 1 {
        return Err(Error::Usage("--as names one image, but several are to be sent".to_owned()));
    }
    // The engine lists a reference without a tag under this one.
    let tag = if reference.tag().is_none() { ":latest" } else { "" };
    Ok(source.with_reference(format!("{reference}{tag}")))
}

/// Returns the names of a bundle's images that other images of the local engine have. `present` are those images of the
/// bundle that the engine has.
///
/// # Errors
/// Fails if docker fails.
pub(super) fn taken_names(
    source: &Source,
    present: &[ExpectedImage],
    runner: &Runner,
) -> Result<Vec<String>> {
    let names = source.images().iter().flat_map(|image| &image.references);
    let (names, references): (Vec<&String>, Vec<Reference>) =
        names.filter_map(|name| Some((name, Reference::parse(name).ok()?))).unzip();
    let is_same = |name: &String, id: &str| {
        present.iter().any(|image| image.references.contains(name) && image.id.to_string() == id)
    };
    let taken = names.into_iter().zip(inspect_images(runner, &references)?);
    Ok(taken.filter_map(|(name, local)| (!is_same(name, &local?.id)).then(|| name.clone())).collect())
}

/// Returns the `docker save` of all these images, with this platform of each, or with all platforms.
pub(super) fn docker_save(source: &Source, platform: Option<&Platform>) -> Command {
    let images = source.images().iter().flat_map(|image| match image.references.as_slice() {
        // An image that was named by its ID has no reference.
        [] => vec![image.id.to_string()],
        references => references.to_vec(),
    });
    let platform = platform.into_iter().flat_map(|platform| ["--platform".to_owned(), platform.to_string()]);
    Command::new("docker").arg("save").args(platform).args(images)
}
