//! The extent of a transfer, computed before it starts.

use std::collections::HashSet;

use dockerutils_oci::Digest;

use crate::{Image, Plan, Source};

/// The layers that a transfer sends, and their targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The names of the hosts, or of the file.
    pub targets: Vec<String>,
    /// The number of different layers of the images.
    pub layers: usize,
    /// The number of layers to send.
    pub layers_to_send: usize,
    /// The bytes of the layers to send; `None` if they are known only when the layers are read.
    pub bytes: Option<u64>,
}

impl Workload {
    /// Computes the workload of plans, each with the name of its target.
    pub(crate) fn new(source: &Source, plans: &[(&str, &Plan)]) -> Self {
        let all: HashSet<Digest> = source.images().iter().flat_map(Image::diff_ids).collect();
        let sent: HashSet<&Digest> = plans.iter().flat_map(|(_, plan)| &plan.to_send).collect();
        let known: Option<u64> = sent.iter().map(|diff_id| source.layer_size(diff_id)).sum();
        // The sizes of images that docker reports are near enough if all layers are sent.
        let size_of_images = || source.images().iter().map(|image| image.size).sum();
        Workload {
            targets: plans.iter().map(|(target, _)| (*target).to_owned()).collect(),
            layers: all.len(),
            layers_to_send: sent.len(),
            bytes: known.or_else(|| (sent.len() == all.len()).then(size_of_images)),
        }
    }
}
