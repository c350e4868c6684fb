//! Shipments: they hold the layers of the plan and no others, and large ones go in steps that can each be loaded.

use std::collections::HashMap;
use std::io::{self, Read};
use std::mem;

use dockerutils_oci::{Descriptor, Digest, Platform};
use dockerutils_transfer::source::LayerBlob;
use dockerutils_transfer::{
    BlockSink, Codec, CompressionPolicy, Image, Layer, PARTIAL_LABEL, Packer, Plan, PresentLayers, Shipment,
};

/// More bytes than a step needs.
const LARGE: usize = 40 << 20;

/// Collects the archive of each step.
#[derive(Default)]
struct Steps {
    complete: Vec<Vec<u8>>,
    current: Vec<u8>,
}

impl BlockSink for Steps {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.current.extend(block);
        Ok(())
    }

    fn end_step(&mut self) -> io::Result<()> {
        self.complete.push(mem::take(&mut self.current));
        Ok(())
    }
}

fn content(name: char, size: usize) -> Vec<u8> {
    vec![name as u8; size]
}

fn image(layers: &[Vec<u8>]) -> Image {
    let layer = |bytes: &Vec<u8>| Layer { diff_id: Digest::of(bytes), size: None };
    Image {
        id: Digest::of("the image"),
        references: Vec::new(),
        platform: Platform::new("linux", "amd64"),
        size: 0,
        layers: layers.iter().map(layer).collect(),
    }
}

/// Sends these layers to a target that has some of them, and returns the files of each step.
fn ship(layers: &[Vec<u8>], present: &PresentLayers) -> Vec<HashMap<String, Vec<u8>>> {
    ship_announced(layers, present, false)
}

/// Sends layers as [`ship`] does, with or without an announcement of their size.
fn ship_announced(
    layers: &[Vec<u8>],
    present: &PresentLayers,
    is_announced: bool,
) -> Vec<HashMap<String, Vec<u8>>> {
    let images = vec![image(layers)];
    let plan = Plan::new(&images, present);
    let packer = Packer::new(Codec::None, CompressionPolicy::Always, Steps::default()).unwrap();
    let total = is_announced.then(|| layers.iter().map(|bytes| bytes.len() as u64).sum());
    let mut shipment = Shipment::new(&plan, images, packer).with_size(total);
    for bytes in layers {
        let diff_id = Digest::of(bytes);
        let blob = Descriptor::of_layer(diff_id, bytes.len() as u64);
        shipment.begin_layer(&LayerBlob { diff_id, blob }).unwrap();
        bytes.chunks(100_000).for_each(|chunk| shipment.write(chunk).unwrap());
        shipment.end_layer().unwrap();
    }
    let (loaded, steps) = shipment.finish(vec![b"{}".to_vec()]).unwrap();
    assert_eq!(loaded[0].config, b"{}");
    steps.complete.iter().map(|step| files(step)).collect()
}

fn files(archive: &[u8]) -> HashMap<String, Vec<u8>> {
    let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), bytes)
    };
    tar::Archive::new(archive).entries().unwrap().map(read).collect()
}

fn blob(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(bytes).hex())
}

/// Returns the configuration of a step's only image, and the number of its layers.
fn listed(step: &HashMap<String, Vec<u8>>) -> (serde_json::Value, usize) {
    let manifest: serde_json::Value = serde_json::from_slice(&step["manifest.json"]).unwrap();
    let config = &step[manifest[0]["Config"].as_str().unwrap()];
    (serde_json::from_slice(config).unwrap(), manifest[0]["Layers"].as_array().unwrap().len())
}

#[test]
fn a_large_shipment_goes_in_steps_each_with_the_layers_since_the_last_step() {
    let layers = [content('a', LARGE), content('b', LARGE), content('c', 1000)];
    let steps = ship(&layers, &PresentLayers::none());
    assert_eq!(steps.len(), 3);
    for (number, (step, layer)) in steps.iter().zip(&layers).enumerate() {
        assert!(step[&blob(layer)] == *layer, "step {number}");
        assert!(layers.iter().filter(|other| step.contains_key(&blob(other))).count() == 1, "step {number}");
        let (config, count) = listed(step);
        assert_eq!(count, number + 1);
        // Partial images have a label with the ID of the whole image, which itself has none.
        let label = &config["config"]["Labels"][PARTIAL_LABEL];
        let expected = (number < 2).then(|| Digest::of("the image").to_string());
        assert_eq!(label.as_str(), expected.as_deref());
    }
}

#[test]
fn layers_too_small_for_a_step_go_with_the_last_one_if_the_size_is_announced() {
    let layers = [content('a', LARGE), content('b', LARGE), content('c', 1000)];
    let steps = ship_announced(&layers, &PresentLayers::none(), true);
    let listed: Vec<usize> = steps.iter().map(|step| listed(step).1).collect();
    assert_eq!(listed, [1, 3]);
}

#[test]
fn a_small_shipment_goes_in_one_step_with_every_missing_layer() {
    let layers = [content('a', 1000), content('b', 2000), content('c', 3000)];
    let steps = ship(&layers, &PresentLayers::Chains(vec![vec![Digest::of(&layers[0])]]));
    assert_eq!(steps.len(), 1);
    assert!(!steps[0].contains_key(&blob(&layers[0])));
    assert!(steps[0].contains_key(&blob(&layers[1])) && steps[0].contains_key(&blob(&layers[2])));
    assert_eq!(listed(&steps[0]).1, 3);
}

#[test]
fn the_manifest_lists_the_blob_that_the_target_has() {
    let layers = [content('a', 1000), content('b', 2000)];
    let gzip = Descriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        digest: Digest::of("packed"),
        size: 7,
    };
    let blobs = HashMap::from([(Digest::of(&layers[0]), gzip.clone())]);
    let steps = ship(&layers, &PresentLayers::Blobs(blobs));
    let index: serde_json::Value = serde_json::from_slice(&steps[0]["index.json"]).unwrap();
    let manifest = index["manifests"][0]["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/");
    let manifest: serde_json::Value = serde_json::from_slice(&steps[0][&manifest]).unwrap();
    assert_eq!(manifest["layers"][0], serde_json::to_value(gzip).unwrap());
    assert_eq!(manifest["layers"][1]["digest"], Digest::of(&layers[1]).to_string());
}

#[test]
fn equal_layers_at_several_places_are_sent_once_in_one_step() {
    let layers = [content('a', LARGE), content('b', LARGE), content('a', LARGE)];
    let images = vec![image(&layers)];
    let plan = Plan::new(&images, &PresentLayers::none());
    assert_eq!((plan.to_send.len(), plan.in_steps), (2, false));
    let packer = Packer::new(Codec::None, CompressionPolicy::Always, Steps::default()).unwrap();
    let mut shipment = Shipment::new(&plan, images, packer);
    for bytes in &layers[..2] {
        let diff_id = Digest::of(bytes);
        let blob = Descriptor::of_layer(diff_id, bytes.len() as u64);
        shipment.begin_layer(&LayerBlob { diff_id, blob }).unwrap();
        shipment.write(bytes).unwrap();
        shipment.end_layer().unwrap();
    }
    let steps = shipment.finish(vec![b"{}".to_vec()]).unwrap().1.complete;
    assert_eq!(steps.len(), 1);
    assert_eq!(listed(&files(&steps[0])).1, 3);
}
