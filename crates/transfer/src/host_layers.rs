//! The layers of images and what a transfer would do with each: the result of a dry run.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use serde::Serialize;

use crate::error::Result;
use crate::source::{LayerBlob, Order, Sink, SinkError};
use crate::{Image, Plan, Source};

/// The layers for one host. The names of the fields in JSON are an interface for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostLayers {
    /// The name of the host, or of the file.
    pub host: String,
    /// The layers, lowest first.
    pub layers: Vec<PlannedLayer>,
}

/// A layer and what would happen to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedLayer {
    /// The digest of its uncompressed content.
    pub layer: Digest,
    /// The size of its content at the source; `None` if it is unknown.
    pub size: Option<u64>,
    /// Whether it would be sent.
    pub sent: bool,
}

impl HostLayers {
    /// Returns the layers for each plan, given with the name of its target. The size of a layer that would be sent is
    /// found by reading the layer if the engine does not report it.
    ///
    /// # Errors
    /// Fails if a layer cannot be read.
    pub fn of_plans(source: &Source, plans: &[(&str, &Plan)], runner: &Runner) -> Result<Vec<Self>> {
        let sizes = sizes(source, plans, runner)?;
        Ok(plans.iter().map(|(host, plan)| HostLayers::new(source, host, plan, &sizes)).collect())
    }

    fn new(source: &Source, host: &str, plan: &Plan, sizes: &HashMap<Digest, u64>) -> Self {
        let mut seen = HashSet::new();
        let layers = source.images().iter().flat_map(|image| &image.layers);
        let layers = layers.filter(|layer| seen.insert(layer.diff_id)).map(|layer| PlannedLayer {
            layer: layer.diff_id,
            size: layer.size.or_else(|| sizes.get(&layer.diff_id).copied()),
            sent: plan.to_send.contains(&layer.diff_id),
        });
        HostLayers { host: host.to_owned(), layers: layers.collect() }
    }
}

/// Collects the sizes of the layers that are read.
struct Sizes(HashMap<Digest, u64>);

impl Sink for Sizes {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> std::result::Result<(), SinkError> {
        self.0.insert(layer.diff_id, io::copy(content, &mut io::sink())?);
        Ok(())
    }
}

fn sizes(source: &Source, plans: &[(&str, &Plan)], runner: &Runner) -> Result<HashMap<Digest, u64>> {
    let diff_ids: HashSet<Digest> = source.images().iter().flat_map(Image::diff_ids).collect();
    let known = diff_ids.iter().filter_map(|diff_id| Some((*diff_id, source.layer_size(diff_id)?)));
    let mut sizes = Sizes(known.collect());
    let is_sent = |diff_id: &Digest| plans.iter().any(|(_, plan)| plan.to_send.contains(diff_id));
    let unknown = diff_ids.into_iter().filter(|diff_id| is_sent(diff_id) && !sizes.0.contains_key(diff_id));
    let unknown: Vec<Digest> = unknown.collect();
    // Reading may run docker save, which takes as long as a transfer on this machine: only if a size is missing.
    if !unknown.is_empty() {
        source.read_layers(&unknown, Order::Any, runner, &mut sizes)?;
    }
    Ok(sizes.0)
}
