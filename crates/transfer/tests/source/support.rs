//! Reads images with a [`Source`], and for comparison from docker's own archive in the simplest way.

use std::collections::HashMap;
use std::fs::Permissions;
use std::io::{Cursor, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use dockerutils_command::{Command, Runner};
use dockerutils_oci::Digest;
use dockerutils_testbed::Engine;
use dockerutils_testkit::Project;
use dockerutils_transfer::Image;
use dockerutils_transfer::source::{Error, LayerBlob, Order, ReadImage, Sink, SinkError, Source};
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

/// A sink that keeps every layer.
#[derive(Default)]
pub(crate) struct Layers(pub(crate) Vec<(LayerBlob, Vec<u8>)>);

impl Sink for Layers {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        self.0.push((layer.clone(), bytes));
        Ok(())
    }
}

impl Layers {
    pub(crate) fn order(&self) -> Vec<Digest> {
        self.0.iter().map(|(layer, _)| layer.diff_id).collect()
    }
}

pub(crate) fn open(engine: &Engine, references: &[&str]) -> Result<Source, Error> {
    let docker = Command::new(engine.command().get_program());
    open_with(docker.arg(format!("--host=unix://{}", engine.socket().display())), references)
}

/// Opens images with a docker that refuses `save`, so every layer must come from the files of the store.
pub(crate) fn open_without_save(engine: &Engine, references: &[&str], project: &Project) -> Source {
    let docker = engine.command();
    let docker = docker.get_program().to_str().expect("a path");
    let script = format!(
        "#!/bin/sh\n[ \"$2\" != save ] && exec {docker} --host=unix://{} \"$@\"\necho save is not allowed >&2; exit 9\n",
        engine.socket().display()
    );
    let docker = project.root().join("docker.sh");
    std::fs::write(&docker, script)
        .and_then(|()| std::fs::set_permissions(&docker, Permissions::from_mode(0o755)))
        .expect("a script");
    open_with(Command::new(docker), references).expect("images")
}

fn open_with(docker: Command, references: &[&str]) -> Result<Source, Error> {
    let references: Vec<String> = references.iter().map(|&reference| reference.to_owned()).collect();
    Source::open_with(docker, &references, Path::new("/"), &Runner::default())
}

pub(crate) fn read(source: &Source, wanted: &[Digest], order: Order) -> (Vec<ReadImage>, Layers) {
    let mut layers = Layers::default();
    let read = source.read_layers(wanted, order, &Runner::default(), &mut layers).expect("layers");
    (read, layers)
}

/// Returns each layer of these images once, the last one first.
pub(crate) fn all_layers(images: &[Image]) -> Vec<Digest> {
    let mut layers: Vec<Digest> = Vec::new();
    for layer in images.iter().flat_map(|image| &image.layers).rev() {
        if !layers.contains(&layer.diff_id) {
            layers.push(layer.diff_id);
        }
    }
    layers
}

/// Returns the configuration and the layers of an image as `docker save` writes them.
pub(crate) fn saved(engine: &Engine, image: &Image) -> (Vec<u8>, Vec<Vec<u8>>) {
    let output = engine.command().args(["save", &image.id.to_string()]).output().expect("docker");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut files = HashMap::new();
    let mut links = HashMap::new();
    for entry in Archive::new(Cursor::new(output.stdout)).entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a path").to_string_lossy().into_owned();
        if let Some(target) = entry.link_name().expect("a link") {
            links.insert(name.clone(), target.to_string_lossy().replacen("../", "", 1));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("content");
        files.insert(name, bytes);
    }
    let list: Value = serde_json::from_slice(&files["manifest.json"]).expect("manifest.json");
    let file = |name: &Value| {
        let name = name.as_str().expect("a name");
        files[links.get(name).map_or(name, String::as_str)].clone()
    };
    let layers = list[0]["Layers"].as_array().map(|names| names.iter().map(file).collect());
    (file(&list[0]["Config"]), layers.unwrap_or_default())
}

/// Loads an image that consists of these layers.
pub(crate) fn load(engine: &Engine, reference: &str, layers: &[Vec<u8>]) {
    let diff_ids: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
    let config = json!({"os": "linux", "architecture": "amd64", "config": {"Cmd": [reference]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}})
    .to_string();
    let config_name = format!("{}.json", Digest::of(&config).hex());
    let names: Vec<String> = (0..layers.len()).map(|index| format!("{index}.tar")).collect();
    let list = json!([{"Config": config_name, "RepoTags": [reference], "Layers": names}]).to_string();
    let mut archive = Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        archive.append_data(&mut header(bytes.len() as u64), name, bytes).expect("an entry");
    };
    names.iter().zip(layers).for_each(|(name, layer)| add(name, layer));
    add(&config_name, config.as_bytes());
    add("manifest.json", list.as_bytes());
    let archive = archive.into_inner().expect("an archive");
    let mut docker = engine
        .command()
        .args(["load", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("docker");
    docker.stdin.take().expect("a pipe").write_all(&archive).expect("a load");
    assert!(docker.wait().expect("docker").success());
}

pub(crate) fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_mtime(1);
    header.set_size(size);
    header
}
