//! What a dry run tells: each layer, its size, and whether it would be sent.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_transfer::source::{LayerBlob, Order, Sink, SinkError, Source};
use dockerutils_transfer::{Image, Plan};
use serde::Serialize;

use crate::ui::{Align, Size};
use crate::{Result, ui};

/// What would be done with the layers for one host.
#[derive(Serialize)]
struct Told<'a> {
    host: &'a str,
    layers: Vec<Layer>,
}

/// A layer; its size is that of its content here, where it is known.
#[derive(Serialize)]
struct Layer {
    layer: Digest,
    size: Option<u64>,
    sent: bool,
}

/// Tells it on standard output: a table for people, or JSON for programs.
///
/// # Errors
/// The size of what would be sent is only told by reading it, and that fails.
pub(super) fn tell(source: &Source, plans: &[(&str, &Plan)], json: bool, runner: &Runner) -> Result {
    let sizes = sizes(source, plans, runner)?;
    let told: Vec<Told> = plans.iter().map(|(host, plan)| told(source, host, plan, &sizes)).collect();
    if json {
        ui::print_json(&told)?;
    } else {
        ui::print_line(tables(&told))?;
    }
    Ok(())
}

fn told<'a>(source: &Source, host: &'a str, plan: &Plan, sizes: &HashMap<Digest, u64>) -> Told<'a> {
    let mut met = HashSet::new();
    let layers = source.images().iter().flat_map(|image| &image.layers);
    let layers = layers.filter(|layer| met.insert(layer.diff_id)).map(|layer| Layer {
        layer: layer.diff_id,
        size: layer.size.or_else(|| sizes.get(&layer.diff_id).copied()),
        sent: plan.to_send.contains(&layer.diff_id),
    });
    Told { host, layers: layers.collect() }
}

fn tables(told: &[Told]) -> String {
    let texts: Vec<String> = told.iter().map(table).collect();
    texts.join("\n\n")
}

fn table(told: &Told) -> String {
    let columns =
        [("LAYER", Align::Left), ("SIZE", Align::Right), (&format!("TO {}", told.host), Align::Left)];
    let rows = told.layers.iter().map(|layer| {
        let size = layer.size.map_or_else(String::new, |size| Size(size).to_string());
        [layer.layer.to_string(), size, (if layer.sent { "sent" } else { "kept" }).to_owned()]
    });
    ui::table(columns, rows)
}

/// The sizes of layers as far as the engine's files tell them; of what would be sent, otherwise, by reading it.
fn sizes(source: &Source, plans: &[(&str, &Plan)], runner: &Runner) -> Result<HashMap<Digest, u64>> {
    struct Sizes(HashMap<Digest, u64>);
    impl Sink for Sizes {
        fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> std::result::Result<(), SinkError> {
            self.0.insert(layer.diff_id, io::copy(content, &mut io::sink())?);
            Ok(())
        }
    }
    let diff_ids: HashSet<Digest> = source.images().iter().flat_map(Image::diff_ids).collect();
    let told = diff_ids.iter().filter_map(|diff_id| Some((*diff_id, source.layer_size(diff_id)?)));
    let mut sizes = Sizes(told.collect());
    let is_sent = |diff_id: &Digest| plans.iter().any(|(_, plan)| plan.to_send.contains(diff_id));
    let unknown = diff_ids.into_iter().filter(|diff_id| is_sent(diff_id) && !sizes.0.contains_key(diff_id));
    let wanted: Vec<Digest> = unknown.collect();
    if !wanted.is_empty() {
        source.read_layers(&wanted, Order::Any, runner, &mut sizes)?;
    }
    Ok(sizes.0)
}
