//! Recognizes the layer in a folder of docker's old archive format before the layer is read.
//!
//! The name of the folder is a digest over its `json`, the ID of the folder below and the layer's chain ID. Trying the
//! known chain IDs shows which layer it is.
//! <https://pkg.go.dev/github.com/docker/docker/image/v1#CreateID>

use std::collections::{BTreeMap, HashMap};

use dockerutils_oci::{Digest, chain_ids};
use serde_json::value::{RawValue, to_raw_value};

use crate::image::Image;

type Config = BTreeMap<String, Box<RawValue>>;

/// The diff IDs of images' layers, by chain ID.
pub(super) struct LayersByChain(HashMap<Digest, Digest>);

impl LayersByChain {
    pub(super) fn of(images: &[Image]) -> Self {
        let mut layers = HashMap::new();
        for image in images {
            let diff_ids = || image.layers.iter().map(|layer| layer.diff_id);
            layers.extend(chain_ids(diff_ids()).zip(diff_ids()));
        }
        LayersByChain(layers)
    }

    /// Returns the diff ID of the layer in the folder `id`, which holds this `json`. `None` if it cannot be recognized.
    pub(super) fn recognize(&self, id: &Digest, json: &[u8]) -> Option<Digest> {
        let mut config: Config = serde_json::from_slice(json).ok()?;
        config.remove("id");
        if let Some(parent) = config.get("parent") {
            // The file holds the digits alone, but docker hashed the whole digest.
            let parent = Digest::from_hex(serde_json::from_str(parent.get()).ok()?)?;
            config.insert("parent".to_owned(), to_raw_value(&parent).ok()?);
        }
        // Docker adds the operating system after it has made the ID, except for the last layer of an image.
        let mut without_os = config.clone();
        without_os.remove("os");
        let found = self.0.iter().find(|(chain, _)| {
            [&mut without_os, &mut config]
                .into_iter()
                .any(|config| is_id_of(id, config, chain).unwrap_or(false))
        });
        found.map(|(_, diff_id)| *diff_id)
    }
}

/// Returns whether docker would have given the folder this ID if it held the layer with this chain ID.
fn is_id_of(id: &Digest, config: &mut Config, chain: &Digest) -> Option<bool> {
    config.insert("layer_id".to_owned(), to_raw_value(chain).ok()?);
    Some(Digest::of(serde_json::to_vec(config).ok()?) == *id)
}
