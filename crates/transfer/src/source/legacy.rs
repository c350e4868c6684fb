//! Which layer a folder of docker's old archive holds, told before the layer is read.
//!
//! Its name is a digest over its `json`, the ID of the folder below and the chain ID of the layer: so whoever knows the
//! chain IDs finds out which one it is.

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;

use crate::Image;
use dockerutils_oci::Digest;
use dockerutils_oci::chain_ids;

/// The layers of images by their chain IDs.
pub(super) struct Chains(HashMap<Digest, Digest>);

impl Chains {
    pub(super) fn new(images: &[Image]) -> Self {
        let mut chains = HashMap::new();
        for image in images {
            let ids = chain_ids(image.layers.iter().map(|layer| layer.diff_id));
            chains.extend(ids.zip(image.layers.iter().map(|layer| layer.diff_id)));
        }
        Chains(chains)
    }

    /// The diff ID of the layer in the folder `id`, which holds this `json`; none if that cannot be told.
    pub(super) fn layer(&self, id: &Digest, json: &[u8]) -> Option<Digest> {
        let mut config: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(json).ok()?;
        config.remove("id");
        if let Some(parent) = config.get("parent") {
            let parent = Digest::from_hex(serde_json::from_str(parent.get()).ok()?)?;
            config.insert("parent".to_owned(), serde_json::value::to_raw_value(&parent).ok()?);
        }
        // The system was added after the ID was made, but for an image's last layer.
        let mut without = config.clone();
        without.remove("os");
        let is_it = |config: &mut BTreeMap<String, Box<RawValue>>, chain: &Digest| {
            let chain = serde_json::value::to_raw_value(chain).ok()?;
            config.insert("layer_id".to_owned(), chain);
            Some(Digest::of(serde_json::to_vec(config).ok()?) == *id)
        };
        let found = self.0.iter().find(|(chain, _)| {
            [&mut without, &mut config].into_iter().any(|config| is_it(config, chain).unwrap_or(false))
        });
        found.map(|(_, diff_id)| *diff_id)
    }
}
