//! Which layers a target is sent, and which it has.

use std::collections::{HashMap, HashSet};

use dockerutils_oci::{Descriptor, Digest, chain_id};
use serde::{Deserialize, Serialize};

use crate::Image;

/// What of images' layers an engine has, told by how its store asks for them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PresentLayers {
    /// The classic store knows a layer by its chain: the layer and all below it. These are the layers of its images.
    Chains(Vec<Vec<Digest>>),
    /// Containerd's store knows blobs: what stands there for a layer, by the digest of its uncompressed content.
    Blobs(HashMap<Digest, Descriptor>),
}

/// What is done with the layers of some images.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The layers to send, each once, the lower ones of an image before the upper ones.
    pub to_send: Vec<Digest>,
    /// The layers that are there already, each once.
    pub present: Vec<Digest>,
    /// What stands there for those of them of which it is known.
    pub blobs: HashMap<Digest, Descriptor>,
    /// Whether they may be loaded in several steps.
    ///
    /// Not where equal layers stand at several places: the classic store would want the second one's file again.
    pub in_steps: bool,
}

impl PresentLayers {
    /// Nothing.
    pub fn none() -> Self {
        PresentLayers::Chains(Vec::new())
    }
}

impl Plan {
    /// What an engine that has this lacks of these images.
    pub fn new(images: &[Image], has: &PresentLayers) -> Self {
        let blobs = match has {
            PresentLayers::Chains(_) => HashMap::new(),
            PresentLayers::Blobs(blobs) => blobs.clone(),
        };
        let chains = chains_of(has);
        let mut plan = Plan { to_send: Vec::new(), present: Vec::new(), blobs, in_steps: true };
        // By chain, for what is the same layer in two images is sent for both at once.
        let mut met = HashSet::new();
        let mut sent = HashSet::new();
        for image in images {
            let mut chain = None;
            for layer in &image.layers {
                let above = chain_id(chain, layer.diff_id);
                chain = Some(above);
                if !met.insert(above) {
                    continue;
                }
                if chains.contains(&above) || plan.blobs.contains_key(&layer.diff_id) {
                    plan.present.push(layer.diff_id);
                } else if sent.insert(layer.diff_id) {
                    plan.to_send.push(layer.diff_id);
                } else {
                    plan.in_steps = false;
                }
            }
        }
        let mut kept = HashSet::new();
        plan.present.retain(|diff_id| !sent.contains(diff_id) && kept.insert(*diff_id));
        plan
    }

    /// Whether nothing is to be sent but the images' configurations.
    pub fn is_empty(&self) -> bool {
        self.to_send.is_empty()
    }
}

fn chains_of(has: &PresentLayers) -> HashSet<Digest> {
    let PresentLayers::Chains(images) = has else { return HashSet::new() };
    let mut chains = HashSet::new();
    for layers in images {
        let mut chain = None;
        for diff_id in layers {
            let above = chain_id(chain, *diff_id);
            chains.insert(above);
            chain = Some(above);
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layer;
    use dockerutils_oci::Platform;

    #[test]
    fn the_classic_store_has_a_layer_only_upon_the_same_ones() {
        let has = PresentLayers::Chains(vec![digests("abx"), digests("zc")]);
        let plan = Plan::new(&[image("abcd")], &has);
        assert_eq!((plan.present, plan.to_send), (digests("ab"), digests("cd")));
    }

    #[test]
    fn containerds_store_has_a_layer_wherever_it_stands() {
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
    fn a_layer_that_is_there_upon_others_only_is_sent() {
        let plan = Plan::new(&[image("a"), image("ba")], &PresentLayers::Chains(vec![digests("a")]));
        assert_eq!((plan.present, plan.to_send), (digests(""), digests("ba")));
    }

    fn digests(names: &str) -> Vec<Digest> {
        names.chars().map(|name| Digest::of(name.to_string())).collect()
    }

    fn image(names: &str) -> Image {
        let layers = digests(names).into_iter().map(|diff_id| Layer { diff_id, size: None }).collect();
        let platform = Platform { os: "linux".to_owned(), architecture: "amd64".to_owned() };
        Image { id: Digest::of(names), references: Vec::new(), platform, size: 0, layers }
    }
}
