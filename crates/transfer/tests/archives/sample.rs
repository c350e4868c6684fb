//! Small archives in both of docker's formats.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{Cursor, Read};
use std::os::unix::ffi::OsStrExt;

use dockerutils_oci::{Digest, Platform};
use dockerutils_transfer::source::{
    Error, InvalidContent, LayerBlob, Order, ReadImage, Sink, SinkError, read_archive,
};
use dockerutils_transfer::{Image, Layer};
use serde_json::json;
use tar::{Builder, EntryType, Header};

pub(crate) const LAYERS: [&[u8]; 3] = [b"the lowest layer", &[7; 1500], b"the highest"];

/// A sink that checks every layer against its descriptor, and that it comes once.
#[derive(Default)]
struct Checking(HashSet<Digest>);

impl Sink for Checking {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!(Digest::of(&bytes), layer.diff_id);
        assert_eq!(bytes.len() as u64, layer.blob.size);
        assert!(self.0.insert(layer.diff_id), "delivered twice");
        Ok(())
    }
}

/// An entry of an archive: its name, its type, and its content or the target of the link.
pub(crate) type Entry = (String, EntryType, Vec<u8>);

pub(crate) fn diff_ids() -> Vec<Digest> {
    LAYERS.iter().map(Digest::of).collect()
}

pub(crate) fn config() -> Vec<u8> {
    json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": diff_ids()}})
        .to_string()
        .into_bytes()
}

pub(crate) fn image() -> Image {
    Image {
        id: Digest::of(config()),
        references: vec!["x:1".to_owned()],
        platform: Platform::new("linux", "amd64"),
        size: 0,
        layers: diff_ids().into_iter().map(|diff_id| Layer { diff_id, size: None }).collect(),
    }
}

pub(crate) fn regular(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Entry {
    (name.into(), EntryType::Regular, content.into())
}

/// The entries that docker writes from version 25 on.
pub(crate) fn blobs() -> Vec<Entry> {
    let name = |digest: &Digest| format!("blobs/sha256/{}", digest.hex());
    let mut entries: Vec<Entry> =
        ["blobs/", "blobs/sha256/"].map(|name| (name.to_owned(), EntryType::Directory, vec![])).into();
    entries.extend(LAYERS.iter().map(|layer| regular(name(&Digest::of(layer)), *layer)));
    let id = Digest::of(config());
    entries.push(regular(name(&id), config()));
    let names: Vec<String> = diff_ids().iter().map(name).collect();
    let list = json!([{"Config": name(&id), "RepoTags": null, "Layers": names}]).to_string();
    entries.push(regular("index.json", "{}"));
    entries.push(regular("manifest.json", list));
    entries.push(regular("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#));
    entries
}

/// The entries that docker writes before version 25. The names of the folders are no hint to their layers, and one folder
/// links to the layer of another one.
pub(crate) fn folders() -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut files = Vec::new();
    for (number, layer) in LAYERS.iter().enumerate() {
        let folder = Digest::of([number as u8]).hex();
        entries.push((format!("{folder}/"), EntryType::Directory, vec![]));
        entries.push(regular(format!("{folder}/VERSION"), "1.0"));
        entries.push(regular(format!("{folder}/json"), "{}"));
        entries.push(regular(format!("{folder}/layer.tar"), *layer));
        files.push(format!("{folder}/layer.tar"));
    }
    let again = Digest::of("again").hex();
    let target = format!("../{}", files[1]).into_bytes();
    entries.push((format!("{again}/layer.tar"), EntryType::Symlink, target));
    files[1] = format!("{again}/layer.tar");
    let name = format!("{}.json", image().id.hex());
    let list = json!([{"Config": name, "RepoTags": null, "Layers": files}]).to_string();
    entries.push(regular(name, config()));
    entries.push(regular("manifest.json", list));
    entries
}

pub(crate) fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(0);
        if *kind == EntryType::Symlink {
            archive.append_link(&mut header, name, OsStr::from_bytes(content)).unwrap();
            continue;
        }
        // The crate's own setter refuses names that lead out of the folder.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, &content[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

pub(crate) fn read(bytes: &[u8], order: Order) -> Result<Vec<ReadImage>, Error> {
    let mut sink = Checking::default();
    let mut wanted = diff_ids();
    wanted.reverse();
    let parts = read_archive(Cursor::new(bytes), &[image()], &wanted, order, &mut sink)?;
    assert_eq!(sink.0, wanted.into_iter().collect());
    assert_eq!(parts[0].config, config());
    Ok(parts)
}

/// Returns the reason why these entries are refused.
#[track_caller]
pub(crate) fn refused(entries: &[Entry]) -> InvalidContent {
    match read(&archive(entries), Order::Requested) {
        Err(Error::Archive(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

/// The entries of both formats after a change.
pub(crate) fn changed(change: impl Fn(&mut Vec<Entry>)) -> [Vec<Entry>; 2] {
    [blobs(), folders()].map(|mut entries| {
        change(&mut entries);
        entries
    })
}

/// Finds the entry that holds the second layer.
pub(crate) fn second(entries: &mut [Entry]) -> &mut Entry {
    entries.iter_mut().find(|(_, _, content)| *content == LAYERS[1]).unwrap()
}
