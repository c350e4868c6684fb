//! What the progress of a transfer shows besides bytes: hosts, and the layers that they have already.

use std::collections::HashSet;

use dockerutils_oci::Digest;
use dockerutils_transfer::source::Source;
use dockerutils_transfer::{Image, Plan};

use crate::ui::{ByteProgress, Size};

/// Starts the progress of what these hosts lack, by their names.
pub(super) fn begin(source: &Source, plans: &[(&str, &Plan)]) -> ByteProgress {
    let hosts: Vec<&str> = plans.iter().map(|(host, _)| *host).collect();
    let all: HashSet<Digest> = source.images().iter().flat_map(Image::diff_ids).collect();
    let sent: HashSet<&Digest> = plans.iter().flat_map(|(_, plan)| &plan.to_send).collect();
    let known: Option<u64> = sent.iter().map(|diff_id| source.layer_size(diff_id)).sum();
    // Docker's size of an image is close enough to that of its layers if all of them are sent.
    let whole = || source.images().iter().map(|image| image.size).sum();
    let total = known.or_else(|| (sent.len() == all.len()).then(whole));
    let kept = format!("({} of {} layers kept)", all.len() - sent.len(), all.len());
    let size = total.map_or_else(String::new, |total| format!(", {}", Size(total)));
    let layers = if sent.len() == 1 { "layer" } else { "layers" };
    let line = format!("sending {} {layers}{size} to {} {kept}", sent.len(), hosts.join(", "));
    ByteProgress::start(total, kept, line)
}
