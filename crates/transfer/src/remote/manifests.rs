//! What stands for layers in containerd's store: the descriptors in the manifests of its images.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::frame::Frame;
use super::inventory::{Inventory, Present};
use dockerutils_oci::{Descriptor, Digest, Platform};

/// Reading a manifest reads its whole image.
const MOST_IMAGES: usize = 4;

/// The manifest of an image of containerd's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The image's ID there.
    pub image: Digest,
    /// The digest of its configuration.
    pub config: Digest,
    /// What stands for each of its layers, by the digest of its uncompressed content.
    pub layers: HashMap<Digest, Descriptor>,
}

/// Of an OCI image manifest or index, or docker's own, what is needed here.
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

/// The images whose manifests are worth reading: those with all layers of a wanted one, which may be that, then those
/// with most of the layers that no other one has.
pub(super) fn worth_reading<'a>(inventory: &'a Inventory, wanted: &[Vec<Digest>]) -> Vec<&'a Present> {
    let images = || inventory.wanted.iter().chain(&inventory.images);
    let mut chosen: Vec<&Present> = images().filter(|image| wanted.contains(&image.layers)).collect();
    chosen.dedup_by_key(|image| image.id);
    chosen.truncate(MOST_IMAGES);
    let mut open: HashSet<&Digest> = wanted.iter().flatten().collect();
    for image in &chosen {
        open.retain(|layer| !image.layers.contains(layer));
    }
    while chosen.len() < MOST_IMAGES {
        let gain = |image: &&Present| image.layers.iter().collect::<HashSet<_>>().intersection(&open).count();
        let Some(best) = images().max_by_key(gain).filter(|best| gain(best) > 0) else { break };
        open.retain(|layer| !best.layers.contains(layer));
        chosen.push(best);
    }
    chosen
}

/// Reads what `manifests.sh` says of these images; one whose manifest cannot be told is left out.
pub(super) fn read(frames: &[Frame], images: &[&Present], platform: &Platform) -> Vec<Manifest> {
    let manifest = |image: &&Present| {
        let at = frames.iter().position(|frame| frame.name == image.id.to_string())?;
        let frame = frames.get(at).filter(|frame| frame.status == 0)?;
        let text = frame.text.strip_suffix('.')?;
        let mut document = parse(text, image.id)?;
        if document.config.is_none() {
            let nested = frames.get(at + 1).filter(|frame| frame.name == "nested")?.text.strip_suffix('.')?;
            let is_ours = |entry: &&Entry| entry.platform.as_ref() == Some(platform);
            document =
                document.manifests.iter().filter(is_ours).find_map(|entry| find(nested, entry.digest))?;
        }
        let config = document.config?.digest;
        // Each layer has its descriptor, in the same order.
        let pairs = image.layers.iter().copied().zip(document.layers.iter().cloned());
        (image.layers.len() == document.layers.len()).then(|| Manifest {
            image: image.id,
            config,
            layers: pairs.collect(),
        })
    };
    images.iter().filter_map(manifest).collect()
}

/// A blob with this digest.
fn parse(text: &str, digest: Digest) -> Option<Document> {
    (Digest::of(text) == digest).then(|| serde_json::from_str(text).ok()).flatten()
}

/// The one with this digest among JSON documents that follow each other; what stands between them is a part of one.
fn find(text: &str, digest: Digest) -> Option<Document> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut start = 0;
    while documents.next()?.is_ok() {
        let end = documents.byte_offset();
        let rest = text.get(end..)?;
        let blank = rest.len() - rest.trim_start().len();
        let found = (end..=end + blank).find_map(|end| parse(text.get(start..end)?, digest));
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

    fn present(id: &str, layers: &[&str]) -> Present {
        Present { id: Digest::of(id), references: Vec::new(), layers: digests(layers) }
    }

    fn digests(names: &[&str]) -> Vec<Digest> {
        names.iter().map(Digest::of).collect()
    }

    fn amd64() -> Platform {
        Platform { os: "linux".into(), architecture: "amd64".into() }
    }

    fn inventory(images: Vec<Present>) -> Inventory {
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
    fn few_images_that_have_most_are_read() {
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
    fn descriptors_stand_for_layers_in_their_order() {
        let text = manifest("config", &["a", "b"]);
        let image = Present { id: Digest::of(&text), ..present("", &["a", "b"]) };
        let found = read(&[frame(&image.id.to_string(), &text)], &[&image], &amd64());
        assert_eq!(found[0].config, Digest::of("config"));
        assert_eq!(found[0].layers[&Digest::of("b")].digest, Digest::of("b packed"));
        let other = Present { layers: digests(&["a"]), ..image.clone() };
        assert!(read(&[frame(&image.id.to_string(), &text)], &[&other], &amd64()).is_empty());
        let lie = text.replace('7', "8");
        assert!(read(&[frame(&image.id.to_string(), &lie)], &[&image], &amd64()).is_empty());
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
        let image = Present { id: Digest::of(&index), ..present("", &["a"]) };
        let frames = [frame(&image.id.to_string(), &index), frame("nested", &format!("{arm}{amd}"))];
        assert_eq!(read(&frames, &[&image], &amd64())[0].config, Digest::of("amd"));
    }
}
