//! Warnings about keys of the configuration that have no meaning.

use dockerutils_project::{Image, Project};

use super::warn;

/// Warns about the unknown keys of `[run_image]` and of the sections of these images.
pub(crate) fn warn_of_unknown_keys(project: &Project, images: &[Image]) {
    let general = project.config().unknown_keys();
    for key in general.iter().chain(images.iter().flat_map(|image| &image.section.unknown_keys)) {
        warn(key);
    }
}
