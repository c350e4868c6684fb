//! Warnings about keys and sections of the configuration that have no meaning.

use dockerutils_project::{Image, Project};

use super::warn;

/// Warns about the unknown keys of `[run_image]` and of the sections of these images, and about misspelled sections.
pub(crate) fn warn_of_unknown_keys<'i>(project: &Project, images: impl IntoIterator<Item = &'i Image<'i>>) {
    let general = project.config().unknown_keys();
    for key in general.iter().chain(images.into_iter().flat_map(|image| &image.section.unknown_keys)) {
        warn(key);
    }
    for section in project.misspelled_sections() {
        warn(section);
    }
}
