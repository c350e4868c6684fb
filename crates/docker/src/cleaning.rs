//! Which images of a project are removed: a decision about what the engine lists, without a call of docker.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use dockerutils_oci::Reference;
use dockerutils_project::Image;

use crate::build_record::EarlierBuilds;
use crate::disk_usage::{DiskUsage, StoredImage};
use crate::error::Error;
use crate::image_build::builder_reference;

/// The names of an image in the engine.
#[derive(Debug, Clone)]
pub struct OwnedImage {
    /// The folder.
    pub folder: String,
    reference: Reference,
    /// The stage `builder`, unless another folder has that name.
    builder: Option<Reference>,
}

/// What is removed besides builders whose image is gone and earlier builds. Without any of them these two are all.
#[derive(Debug, Default)]
pub struct CleanRules {
    /// Only images that are older than this.
    pub older_than: Option<TimeDelta>,
    /// Not the newest ones of each image.
    pub keep: Option<usize>,
    /// Only the images with the tag that the [`OwnedImage`]s have.
    pub is_tag_given: bool,
}

/// An image that is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedImage {
    /// The folder that it was built from.
    pub folder: String,
    /// Its name; its ID if it has no tag.
    pub target: String,
    /// Its ID.
    pub id: String,
    /// When it was made.
    pub created: Option<DateTime<FixedOffset>>,
    /// The bytes that no other image has.
    pub size: Option<u64>,
    /// Why it is removed.
    pub reason: &'static str,
    /// Whether a container that is not removed has it, so that it has to stay.
    pub is_used: bool,
}

impl OwnedImage {
    /// Returns the names of an image.
    ///
    /// # Errors
    /// Fails if docker would refuse the name.
    pub fn of(image: &Image) -> Result<Self, Error> {
        let reference = image.reference()?;
        let is_free = |builder: &Reference| image.project().folder_named_as(builder, &image.name).is_none();
        let builder = builder_reference(&reference).filter(is_free);
        Ok(OwnedImage { folder: image.name.clone(), reference, builder })
    }
}

/// Selects the images that are removed. `earlier` are the earlier builds; `gone` are the IDs of
/// the containers that are removed before.
pub fn select_images(
    usage: &DiskUsage,
    owned: &[OwnedImage],
    earlier: &EarlierBuilds,
    gone: &[&str],
    rules: &CleanRules,
    now: DateTime<Utc>,
) -> Vec<SelectedImage> {
    let mut selected = Vec::new();
    for image in owned {
        let exists = usage.images.iter().any(|stored| stored.is(&image.reference));
        let names = [(Some(&image.reference), false), (image.builder.as_ref(), !exists)];
        for (name, is_orphan) in names.into_iter().filter_map(|(name, is_orphan)| Some((name?, is_orphan))) {
            let builds = builds_of(name, usage, earlier);
            for (rank, build) in builds.into_iter().enumerate() {
                if let Some(reason) = rules.reason(build, rank, is_orphan, now) {
                    selected.push(SelectedImage {
                        folder: image.folder.clone(),
                        target: if build.is_dangling() { build.id.clone() } else { build.name() },
                        id: build.id.clone(),
                        created: build.created,
                        size: build.unique_size,
                        reason,
                        is_used: usage.containers_of(build, gone) > 0,
                    });
                }
            }
        }
    }
    selected
}

/// Returns the builds of an image, newest first.
fn builds_of<'u>(name: &Reference, usage: &'u DiskUsage, earlier: &EarlierBuilds) -> Vec<&'u StoredImage> {
    let text = name.to_string();
    let is_earlier = |image: &StoredImage| {
        image.is_dangling() && earlier.get(&image.id).is_some_and(|names| names.contains(&text))
    };
    let mut builds: Vec<&StoredImage> =
        usage.images.iter().filter(|image| image.is(name) || is_earlier(image)).collect();
    builds.sort_by_key(|image| (image.is_dangling(), std::cmp::Reverse(image.created)));
    builds
}

impl CleanRules {
    fn reason(
        &self,
        build: &StoredImage,
        rank: usize,
        is_orphan: bool,
        now: DateTime<Utc>,
    ) -> Option<&'static str> {
        let is_young = |age| build.created.is_none_or(|created| now - created.to_utc() < age);
        if self.older_than.is_some_and(is_young) || rank < self.keep.unwrap_or(0) {
            return None;
        }
        match (build.is_dangling(), self.is_tag_given) {
            (true, true) => None,
            (false, true) => Some("has the tag"),
            (true, false) => Some("earlier build"),
            (false, false) if is_orphan => Some("its image is gone"),
            (false, false) if self.keep.is_some() => Some("not among the newest"),
            (false, false) => self.older_than.map(|_| "old"),
        }
    }
}

#[cfg(test)]
mod tests;
