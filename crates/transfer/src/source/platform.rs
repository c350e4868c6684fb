//! Choosing one platform of an image of several.

use dockerutils_oci::{Digest, Index, IndexEntry, Manifest, Platform};

use super::document::{Config, Document};
use super::error::Error;
use super::invalid_content::InvalidContent;
use super::left_out::is_attestation;
use crate::image::{Image, Layer};

/// Checks that images of one platform are for this one.
///
/// # Errors
/// Returns [`Error::NoPlatform`] for the first one that is not.
pub(super) fn check_all(images: &[Image], wanted: &Platform) -> Result<(), Error> {
    for image in images {
        find(image, vec![(image.platform.clone(), ())], wanted)?;
    }
    Ok(())
}

/// Returns the part of an image that is for a platform, under the ID of its manifest. `fetch` returns a document by its
/// digest, or `None` if it does not exist.
///
/// # Errors
/// Returns [`Error::NoPlatform`] if the image does not have the platform here.
pub(super) fn select(
    image: &Image,
    wanted: &Platform,
    mut fetch: impl FnMut(&Digest) -> Option<Vec<u8>>,
) -> Result<Image, Error> {
    let missing = || InvalidContent::Missing(format!("image {}", image.id));
    let bytes = fetch(&image.id).ok_or_else(missing)?;
    let Document::Index(index) = Document::parse(&image.id.to_string(), &bytes)? else {
        check_all(std::slice::from_ref(image), wanted)?;
        return Ok(image.clone());
    };
    let parts = parts(index, &mut fetch).into_iter().map(|part| (part.platform.clone(), part));
    let Part { platform, manifest: (id, manifest), config } = find(image, parts.collect(), wanted)?;
    if manifest.layers.len() != config.diff_ids().len() {
        return Err(InvalidContent::Layers(id).into());
    }
    let layers = config.diff_ids().iter().zip(&manifest.layers);
    let layers = layers.map(|(&diff_id, blob)| Layer { diff_id, size: Some(blob.size) });
    let size = manifest.layers.iter().map(|blob| blob.size).sum();
    Ok(Image { id, references: image.references.clone(), platform, size, layers: layers.collect() })
}

/// One platform of an index.
struct Part {
    platform: Platform,
    /// The manifest and its digest.
    manifest: (Digest, Manifest),
    config: Config,
}

/// Returns the platforms of an index whose documents exist; an engine may have only those that it has pulled.
fn parts(index: Index, fetch: &mut impl FnMut(&Digest) -> Option<Vec<u8>>) -> Vec<Part> {
    let mut part = |entry: IndexEntry| {
        let id = entry.manifest.digest;
        let manifest: Manifest = serde_json::from_slice(&fetch(&id)?).ok()?;
        let bytes = fetch(&manifest.config.digest)?;
        let config: Config = serde_json::from_slice(&bytes).ok()?;
        // An index need not name the platform, but every configuration does.
        let platform = entry.platform.clone().or_else(|| serde_json::from_slice(&bytes).ok())?;
        Some(Part { platform, manifest: (id, manifest), config })
    };
    let entries = index.manifests.into_iter().filter(|entry| !is_attestation(entry));
    entries.filter_map(&mut part).collect()
}

/// Returns the candidate for the platform that is wanted: the one of that very name, or else, if no variant is wanted, the
/// only one of its system and architecture.
fn find<T>(image: &Image, candidates: Vec<(Platform, T)>, wanted: &Platform) -> Result<T, Error> {
    let of_machine = |platform: &Platform| wanted.variant.is_none() && platform.is_same_machine(wanted);
    let count = candidates.iter().filter(|(platform, _)| of_machine(platform)).count();
    let existing: Vec<Platform> = candidates.iter().map(|(platform, _)| platform.clone()).collect();
    let place = existing.iter().position(|platform| platform == wanted);
    let place = place.or_else(|| existing.iter().position(of_machine).filter(|_| count == 1));
    let found = place.and_then(|place| candidates.into_iter().nth(place));
    let no_platform = || Error::NoPlatform { image: image.name(), wanted: wanted.clone(), existing };
    found.map(|(_, candidate)| candidate).ok_or_else(no_platform)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is found among these platforms, or the message.
    fn find_in(existing: &[&str], wanted: &str) -> String {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        let layers = Vec::new();
        let references = vec!["a:1".to_owned()];
        let image =
            Image { id: Digest::of("a"), references, platform: platform("linux/amd64"), size: 0, layers };
        let candidates = existing.iter().map(|text| (platform(text), (*text).to_owned())).collect();
        find(&image, candidates, &platform(wanted)).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn the_very_platform_is_found_or_the_only_variant_of_it() {
        let arms = ["linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8"];
        assert_eq!(find_in(&arms, "linux/arm/v7"), "linux/arm/v7");
        assert_eq!(find_in(&arms, "linux/arm64"), "linux/arm64/v8");
        assert_eq!(find_in(&["linux/amd64", "linux/arm/v7"], "linux/arm"), "linux/arm/v7");
        assert_eq!(find_in(&["linux/amd64", "linux/amd64/v3"], "linux/amd64"), "linux/amd64");
    }

    #[test]
    fn the_platforms_that_exist_are_named_if_none_or_several_are_meant() {
        let existing = ["linux/amd64", "linux/arm/v6", "linux/arm/v7"];
        for wanted in ["linux/arm", "linux/arm/v5", "windows/amd64", "linux/amd64/v3"] {
            let message = format!(
                "`{wanted}` is not one of the platforms that a:1 has here: linux/amd64, linux/arm/v6, linux/arm/v7"
            );
            assert_eq!(find_in(&existing, wanted), message);
        }
    }
}
