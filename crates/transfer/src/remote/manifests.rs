//! The manifests of images in containerd's store. Their descriptors identify the blobs of layers that exist on the host.

use std::collections::{HashMap, HashSet};

use dockerutils_oci::{Descriptor, Digest, Platform};
use serde::Deserialize;

use super::frame::Frame;
use super::inventory::{Inventory, PresentImage};

/// The most images whose manifests are read: docker prints a manifest only as part of the whole saved image.
const MAX_IMAGES: usize = 4;

/// The manifest of an image in containerd's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The image's ID on the host.
    pub image: Digest,
    /// The digest of its configuration.
    pub config: Digest,
    /// The descriptors of its layers, by the digest of their uncompressed content.
    pub layers: HashMap<Digest, Descriptor>,
}

/// The needed part of an OCI image manifest or index, or of docker's own form of these.
#[derive(Deserialize)]
struct Document {
    config: Option<Config>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Config {
    digest: Digest,
}

#[derive(Deserialize)]
struct Entry {
    digest: Digest,
    platform: Option<Platform>,
}

/// Returns the images whose manifests are worth reading, given the layers of the wanted images: those with all layers of
/// a wanted image, which may be that image, then those with the most layers that no other chosen image has.
pub(super) fn worth_reading<'a>(inventory: &'a Inventory, wanted: &[Vec<Digest>]) -> Vec<&'a PresentImage> {
    let images = || inventory.wanted.iter().chain(&inventory.images);
    let mut chosen: Vec<&PresentImage> = images().filter(|image| wanted.contains(&image.layers)).collect();
    // The list of all images contains the wanted ones again.
    chosen.dedup_by_key(|image| image.id);
    chosen.truncate(MAX_IMAGES);
    let mut uncovered: HashSet<&Digest> = wanted.iter().flatten().collect();
    for image in &chosen {
        uncovered.retain(|layer| !image.layers.contains(layer));
    }
    // A greedy choice: usually one image contains most of the layers, an older version of the same.
    while chosen.len() < MAX_IMAGES {
        let gain = |image: &&PresentImage| {
            image.layers.iter().collect::<HashSet<_>>().intersection(&uncovered).count()
        };
        let Some(best) = images().max_by_key(gain).filter(|best| gain(best) > 0) else { break };
        uncovered.retain(|layer| !best.layers.contains(layer));
        chosen.push(best);
    }
    chosen
}

/// Parses the output of `manifests.sh` for these images; an image whose manifest cannot be read is left out.
pub(super) fn parse_all(frames: &[Frame], images: &[&PresentImage], platform: &Platform) -> Vec<Manifest> {
    images.iter().filter_map(|image| parse_manifest(frames, image, platform)).collect()
}

fn parse_manifest(frames: &[Frame], image: &PresentImage, platform: &Platform) -> Option<Manifest> {
    let index = frames.iter().position(|frame| frame.name == image.id.to_string())?;
    let frame = frames.get(index).filter(|frame| frame.status == 0)?;
    let mut document = parse_blob(frame.text.strip_suffix('.')?, image.id)?;
    if document.config.is_none() {
        let nested = frames.get(index + 1).filter(|frame| frame.name == "nested")?.text.strip_suffix('.')?;
        let is_for_platform =
            |entry: &&Entry| entry.platform.as_ref().is_some_and(|own| own.is_same_machine(platform));
        let mut entries = document.manifests.iter().filter(is_for_platform);
        document = entries.find_map(|entry| find_blob(nested, entry.digest))?;
    }
    let config = document.config?.digest;
    // A manifest lists the descriptors in the order of the layers.
    let layers = image.layers.iter().copied().zip(document.layers.iter().cloned()).collect();
    (image.layers.len() == document.layers.len()).then_some(Manifest { image: image.id, config, layers })
}

/// Parses a blob if it has this digest.
fn parse_blob(text: &str, digest: Digest) -> Option<Document> {
    // Checked first: nothing else that docker or tar printed is parsed.
    (Digest::of(text) == digest).then(|| serde_json::from_str(text).ok()).flatten()
}

/// Finds the blob with this digest in JSON documents that follow each other without a separator.
fn find_blob(text: &str, digest: Digest) -> Option<Document> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut start = 0;
    while documents.next()?.is_ok() {
        let end = documents.byte_offset();
        let rest = text.get(end..)?;
        // White space after a document may belong to its blob: the digest shows how much of it.
        let blank = rest.len() - rest.trim_start().len();
        let found = (end..=end + blank).find_map(|end| parse_blob(text.get(start..end)?, digest));
        if found.is_some() {
            return found;
        }
        start = end + blank;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::inventory::{Store, Tools};

    fn present(id: &str, layers: &[&str]) -> PresentImage {
        PresentImage { id: Digest::of(id), references: Vec::new(), layers: digests(layers) }
    }

    fn digests(names: &[&str]) -> Vec<Digest> {
        names.iter().map(Digest::of).collect()
    }

    fn amd64() -> Platform {
        Platform::new("linux", "amd64")
    }

    fn inventory(images: Vec<PresentImage>) -> Inventory {
        let version = "26.1.5".into();
        let (store, tools) = (Store::Containerd, Tools::default());
        Inventory { version, platform: amd64(), store, sudo: false, tools, wanted: Vec::new(), images }
    }

    fn manifest(config: &str, layers: &[&str]) -> String {
        let layer = |name: &&str| {
            let digest = Digest::of(format!("{name} packed"));
            format!("{{\"mediaType\":\"gzip\",\"digest\":\"{digest}\",\"size\":7}}")
        };
        let layers: Vec<String> = layers.iter().map(layer).collect();
        format!(
            "{{\n \"config\":{{\"digest\":\"{}\"}},\"layers\":[{}]}}\n",
            Digest::of(config),
            layers.join(",")
        )
    }

    fn frame(name: &str, text: &str) -> Frame {
        Frame { name: name.into(), status: 0, text: format!("{text}.") }
    }

    #[test]
    fn the_few_images_that_cover_most_layers_are_read() {
        let images =
            vec![present("1", &["a"]), present("2", &["a", "b"]), present("3", &["c"]), present("4", &["x"])];
        let inventory = inventory(images);
        let chosen = |wanted: &[&[&str]]| {
            let wanted: Vec<Vec<Digest>> = wanted.iter().map(|layers| digests(layers)).collect();
            worth_reading(&inventory, &wanted).iter().map(|image| image.id).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&[&["a", "b", "c", "d"]]), digests(&["2", "3"]));
        assert_eq!(chosen(&[&["a"]]), digests(&["1"]));
        assert_eq!(chosen(&[&["e"]]), digests(&[]));
    }

    #[test]
    fn descriptors_are_assigned_to_layers_in_order() {
        let text = manifest("config", &["a", "b"]);
        let image = PresentImage { id: Digest::of(&text), ..present("", &["a", "b"]) };
        let found = parse_all(&[frame(&image.id.to_string(), &text)], &[&image], &amd64());
        assert_eq!(found[0].config, Digest::of("config"));
        assert_eq!(found[0].layers[&Digest::of("b")].digest, Digest::of("b packed"));
        let other = PresentImage { layers: digests(&["a"]), ..image.clone() };
        assert!(parse_all(&[frame(&image.id.to_string(), &text)], &[&other], &amd64()).is_empty());
        let changed = text.replace('7', "8");
        assert!(parse_all(&[frame(&image.id.to_string(), &changed)], &[&image], &amd64()).is_empty());
    }

    #[test]
    fn an_index_leads_to_the_manifest_of_the_platform() {
        let (arm, amd) = (manifest("arm", &["a"]), manifest("amd", &["a"]));
        let entry = |architecture: &str, text: &str| {
            let digest = Digest::of(text);
            format!(
                "{{\"digest\":\"{digest}\",\"platform\":{{\"os\":\"linux\",\"architecture\":\"{architecture}\"}}}}"
            )
        };
        let index = format!("{{\"manifests\":[{},{}]}}", entry("arm64", &arm), entry("amd64", &amd));
        let image = PresentImage { id: Digest::of(&index), ..present("", &["a"]) };
        let frames = [frame(&image.id.to_string(), &index), frame("nested", &format!("{arm}{amd}"))];
        assert_eq!(parse_all(&frames, &[&image], &amd64())[0].config, Digest::of("amd"));
    }
}
