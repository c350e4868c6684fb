//! The layers that an engine has, and those that are sent to it.

use std::collections::{HashMap, HashSet};

use dockerutils_oci::{Descriptor, Digest, chain_id, chain_ids};
use serde::{Deserialize, Serialize};

use crate::image::Image;

/// The layers that an engine has, in the form in which its store looks for them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PresentLayers {
    /// The layers of each image. The classic store finds a layer by its chain ID, which covers all layers below it.
    Chains(Vec<Vec<Digest>>),
    /// The blob of each layer, by its diff ID. Containerd's store finds a blob wherever it is used.
    Blobs(HashMap<Digest, Descriptor>),
}

/// The layers of some images that are sent to an engine, and those that it has.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The layers to send, each once, the lower ones of an image before the upper ones.
    pub to_send: Vec<Digest>,
    /// The layers that the engine has, each once.
    pub present: Vec<Digest>,
    /// The engine's blobs of those layers, as far as they are known.
    pub blobs: HashMap<Digest, Descriptor>,
    /// Whether the layers may be loaded in several steps.
    ///
    /// False if an image has equal layers at several places: once the first is loaded, the classic store would require
    /// the file again for the second one.
    pub in_steps: bool,
}

impl PresentLayers {
    /// Returns the layers of an engine without images.
    pub fn none() -> Self {
        PresentLayers::Chains(Vec::new())
    }

    fn chains(&self) -> HashSet<Digest> {
        match self {
            PresentLayers::Chains(images) => {
                images.iter().flat_map(|layers| chain_ids(layers.iter().copied())).collect()
            }
            PresentLayers::Blobs(_) => HashSet::new(),
        }
    }
}

impl Plan {
    /// Plans which layers of these images an engine is sent.
    pub fn new(images: &[Image], present: &PresentLayers) -> Self {
        let blobs = match present {
            PresentLayers::Chains(_) => HashMap::new(),
            PresentLayers::Blobs(blobs) => blobs.clone(),
        };
        let chains = present.chains();
        let mut plan = Plan { to_send: Vec::new(), present: Vec::new(), blobs, in_steps: true };
        // Keyed by chain ID: a layer that two images share is sent once.
        let mut seen = HashSet::new();
        let mut sent = HashSet::new();
        for image in images {
            let mut below = None;
            for layer in &image.layers {
                let chain = chain_id(below, layer.diff_id);
                below = Some(chain);
                if !seen.insert(chain) {
                    continue;
                }
                if chains.contains(&chain) || plan.blobs.contains_key(&layer.diff_id) {
                    plan.present.push(layer.diff_id);
                } else if sent.insert(layer.diff_id) {
                    plan.to_send.push(layer.diff_id);
                } else {
                    plan.in_steps = false;
                }
            }
        }
        // The classic store may have a layer at one place and lack it at another one: it is sent then.
        let mut present = HashSet::new();
        plan.present.retain(|diff_id| !sent.contains(diff_id) && present.insert(*diff_id));
        plan
    }

    /// Returns whether nothing but the configurations of the images is sent.
    pub fn is_empty(&self) -> bool {
        self.to_send.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Layer;
    use dockerutils_oci::Platform;

    #[test]
    fn the_classic_store_has_a_layer_only_on_top_of_the_same_layers() {
        let present = PresentLayers::Chains(vec![digests("abx"), digests("zc")]);
        let plan = Plan::new(&[image("abcd")], &present);
        assert_eq!((plan.present, plan.to_send), (digests("ab"), digests("cd")));
    }

    #[test]
    fn containerd_s_store_has_a_layer_at_every_place() {
        let blobs = digests("ac").into_iter().map(|id| (id, Descriptor::of_layer(id, 1))).collect();
        let plan = Plan::new(&[image("abcd")], &PresentLayers::Blobs(blobs));
        assert_eq!((plan.present, plan.to_send), (digests("ac"), digests("bd")));
    }

    #[test]
    fn a_layer_that_images_share_is_sent_once() {
        let plan = Plan::new(&[image("abc"), image("abd")], &PresentLayers::Chains(vec![digests("a")]));
        assert_eq!((plan.present, plan.to_send), (digests("a"), digests("bcd")));
        assert!(plan.in_steps);
    }

    #[test]
    fn equal_layers_at_several_places_are_loaded_in_one_step() {
        let plan = Plan::new(&[image("aba")], &PresentLayers::none());
        assert_eq!(plan.to_send, digests("ab"));
        assert!(!plan.in_steps);
    }

    #[test]
    fn a_layer_that_is_present_only_on_top_of_other_layers_is_sent() {
        let plan = Plan::new(&[image("a"), image("ba")], &PresentLayers::Chains(vec![digests("a")]));
        assert_eq!((plan.present, plan.to_send), (digests(""), digests("ba")));
    }

    fn digests(names: &str) -> Vec<Digest> {
        names.chars().map(|name| Digest::of(name.to_string())).collect()
    }

    fn image(names: &str) -> Image {
        let layers = digests(names).into_iter().map(|diff_id| Layer { diff_id, size: None }).collect();
        let platform = Platform::new("linux", "amd64");
        Image { id: Digest::of(names), references: Vec::new(), platform, size: 0, layers }
    }
}
