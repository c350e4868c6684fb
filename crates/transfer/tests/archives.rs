//! Archives that are not what they should be: each is a clear error, or what it holds is right.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{Cursor, Read};
use std::os::unix::ffi::OsStrExt;

use dockerutils_oci::{Digest, Platform};
use dockerutils_transfer::source::{
    Error, InvalidContent, LayerBlob, Order, ReadImage, Sink, SinkError, read_archive,
};
use dockerutils_transfer::{Image, Layer};
use proptest::prelude::*;
use serde_json::json;
use tar::{Builder, EntryType, Header};

const LAYERS: [&[u8]; 3] = [b"the lowest layer", &[7; 1500], b"the highest"];

/// A sink that holds what it is given against its name.
#[derive(Default)]
struct Checking(HashSet<Digest>);

impl Sink for Checking {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!(Digest::of(&bytes), layer.diff_id);
        assert_eq!(bytes.len() as u64, layer.blob.size);
        assert!(self.0.insert(layer.diff_id), "handed over twice");
        Ok(())
    }
}

/// An entry of an archive: its name, its type and its content or target.
type Entry = (String, EntryType, Vec<u8>);

fn diff_ids() -> Vec<Digest> {
    LAYERS.iter().map(Digest::of).collect()
}

fn config() -> Vec<u8> {
    json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": diff_ids()}})
        .to_string()
        .into_bytes()
}

fn image() -> Image {
    Image {
        id: Digest::of(config()),
        references: vec!["x:1".to_owned()],
        platform: Platform { os: "linux".to_owned(), architecture: "amd64".to_owned() },
        size: 0,
        layers: diff_ids().into_iter().map(|diff_id| Layer { diff_id, size: None }).collect(),
    }
}

fn regular(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Entry {
    (name.into(), EntryType::Regular, content.into())
}

/// As docker from 25 on writes it.
fn blobs() -> Vec<Entry> {
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

/// As docker before 25 writes it, with folders whose names tell nothing, and a link to a layer that is there twice.
fn folders() -> Vec<Entry> {
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

fn archive(entries: &[Entry]) -> Vec<u8> {
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
        // Not by the crate's own way, which refuses names that lead elsewhere.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, &content[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

fn read(bytes: &[u8], order: Order) -> Result<Vec<ReadImage>, Error> {
    let mut sink = Checking::default();
    let mut wanted = diff_ids();
    wanted.reverse();
    let parts = read_archive(Cursor::new(bytes), &[image()], &wanted, order, &mut sink)?;
    assert_eq!(sink.0, wanted.into_iter().collect());
    assert_eq!(parts[0].config, config());
    Ok(parts)
}

/// What is wrong with these entries.
#[track_caller]
fn refused(entries: &[Entry]) -> InvalidContent {
    match read(&archive(entries), Order::Requested) {
        Err(Error::Archive(invalid)) => invalid,
        other => panic!("{other:?}"),
    }
}

/// Both forms, changed.
fn changed(change: impl Fn(&mut Vec<Entry>)) -> [Vec<Entry>; 2] {
    [blobs(), folders()].map(|mut entries| {
        change(&mut entries);
        entries
    })
}

/// The entry that holds the second layer.
fn second(entries: &mut [Entry]) -> &mut Entry {
    entries.iter_mut().find(|(_, _, content)| *content == LAYERS[1]).unwrap()
}

#[test]
fn both_forms_are_read_in_either_order() {
    for entries in changed(|_| ()) {
        for order in [Order::Any, Order::Requested] {
            let parts = read(&archive(&entries), order).unwrap();
            let blobs = parts[0].layers.iter().map(|blob| blob.as_ref().unwrap().digest);
            assert!(blobs.eq(diff_ids()));
        }
    }
}

#[test]
fn names_that_no_docker_gives_are_refused() {
    let hex = Digest::of("x").hex();
    for name in [
        "../etc/passwd".to_owned(),
        "/manifest.json".to_owned(),
        "./manifest.json".to_owned(),
        format!("blobs/sha256/../{hex}"),
        format!("blobs/sha256/{}", hex.to_uppercase()),
        format!("blobs/sha256/{hex}x"),
        format!("blobs/sha512/{hex}"),
        format!("{hex}/../json"),
        format!("{hex}/layer.tar.gz"),
        "x".to_owned(),
    ] {
        for entries in changed(|entries| entries.push(regular(name.clone(), "x"))) {
            assert!(matches!(refused(&entries), InvalidContent::Stranger(shown) if shown == name));
        }
    }
}

#[test]
fn a_name_is_shown_without_what_steers_a_terminal() {
    for entries in changed(|entries| entries.push(regular("\u{1b}[31m", "x"))) {
        assert!(!refused(&entries).to_string().contains('\u{1b}'));
    }
}

#[test]
fn what_is_no_file_is_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::Block,
        EntryType::new(b'?'),
    ] {
        for entries in changed(|entries| second(entries).1 = kind) {
            let invalid = refused(&entries);
            assert!(
                matches!(
                    invalid,
                    InvalidContent::Kind(_) | InvalidContent::Link(_) | InvalidContent::Unreadable(_)
                ),
                "{invalid:?}"
            );
        }
    }
    for entries in changed(|entries| entries[0].1 = EntryType::Regular) {
        assert!(matches!(refused(&entries), InvalidContent::Kind(_)));
    }
}

#[test]
fn a_link_leads_to_a_layer_or_is_refused() {
    let hex = Digest::of([1]).hex();
    for target in [
        "/etc/passwd".to_owned(),
        "../../etc/passwd".to_owned(),
        format!("../{hex}/json"),
        format!("../../{hex}/layer.tar"),
        format!("../{hex}/../{hex}/layer.tar"),
        format!("{hex}/layer.tar"),
    ] {
        let mut entries = folders();
        let link = entries.iter_mut().find(|entry| entry.1 == EntryType::Symlink).unwrap();
        link.2 = target.clone().into_bytes();
        assert!(matches!(refused(&entries), InvalidContent::Link(_)), "{target}");
    }
    // One that leads to another layer than the image has there.
    let mut entries = folders();
    let link = entries.iter_mut().find(|entry| entry.1 == EntryType::Symlink).unwrap();
    link.2 = format!("../{}/layer.tar", Digest::of([0]).hex()).into_bytes();
    assert!(matches!(refused(&entries), InvalidContent::Layers(_)));
}

#[test]
fn a_name_stands_once() {
    for index in 0..blobs().len() {
        let mut entries = blobs();
        entries.push(entries[index].clone());
        assert!(matches!(refused(&entries), InvalidContent::Twice(_)));
    }
}

#[test]
fn content_that_is_not_what_it_is_called_is_refused() {
    let mut entries = blobs();
    second(&mut entries).2[3] ^= 1;
    let expected = Digest::of(LAYERS[1]);
    assert!(matches!(refused(&entries), InvalidContent::Digest { expected: told, .. } if told == expected));
    // In the old form it is some other layer then, and the image's is missing.
    let mut entries = folders();
    second(&mut entries).2[3] ^= 1;
    assert!(matches!(refused(&entries), InvalidContent::Layers(_)));
}

#[test]
fn what_is_missing_is_named() {
    for index in 0..blobs().len() {
        let mut entries = blobs();
        let (name, ..) = entries.remove(index);
        let is_needed = name == "manifest.json" || name.len() > "blobs/sha256/".len();
        match read(&archive(&entries), Order::Any) {
            Err(Error::Archive(InvalidContent::Missing(_) | InvalidContent::Layers(_))) => {
                assert!(is_needed, "{name}")
            }
            other => assert!(other.is_ok() && !is_needed, "{name}: {other:?}"),
        }
    }
    assert!(matches!(refused(&[]), InvalidContent::Missing(_)));
}

#[test]
fn a_document_that_is_none_or_too_large_is_refused() {
    for content in [&b"{"[..], b"null", b"[{\"Config\": 1}]", b"[]", b"\xff"] {
        for entries in changed(|entries| {
            entries.iter_mut().find(|entry| entry.0 == "manifest.json").unwrap().2 = content.to_owned();
        }) {
            assert!(matches!(
                refused(&entries),
                InvalidContent::Document { .. } | InvalidContent::Missing(_)
            ));
        }
    }
    for entries in changed(|entries| {
        entries.iter_mut().find(|entry| entry.0 == "manifest.json").unwrap().2 = vec![b' '; 9 << 20];
    }) {
        assert!(matches!(refused(&entries), InvalidContent::Size(_)));
    }
}

#[test]
fn it_may_not_end_before_its_end() {
    for entries in changed(|_| ()) {
        let bytes = archive(&entries);
        let content = bytes.len() - 1024;
        for end in (0..content).step_by(97) {
            assert!(matches!(read(&bytes[..end], Order::Any), Err(Error::Archive(_))), "{end}");
        }
    }
}

#[test]
fn nothing_comes_after_its_end() {
    for entries in changed(|_| ()) {
        let mut bytes = archive(&entries);
        bytes.extend([0; 4096]);
        assert!(read(&bytes, Order::Any).is_ok());
        bytes.extend(b"more");
        assert!(matches!(read(&bytes, Order::Any), Err(Error::Archive(InvalidContent::Stranger(_)))));
    }
}

/// The tar crate would keep a long name of any length in memory.
#[test]
fn headers_without_end_are_refused() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        for entries in changed(|entries| entries.insert(0, ("x".to_owned(), kind, vec![b'x'; 1 << 20]))) {
            let invalid = refused(&entries);
            assert!(invalid.to_string().contains("do not end"), "{kind:?} {invalid:?}");
        }
    }
}

/// A sink that stops says why, and nothing more is handed to it.
#[test]
fn a_sink_that_stops_ends_the_reading() {
    struct Stopping(usize);
    impl Sink for Stopping {
        fn layer(&mut self, _: &LayerBlob, _: &mut dyn Read) -> Result<(), SinkError> {
            self.0 += 1;
            Err("the cable is cut".into())
        }
    }
    for entries in changed(|_| ()) {
        let mut sink = Stopping(0);
        let bytes = archive(&entries);
        let read = read_archive(&bytes[..], &[image()], &diff_ids(), Order::Any, &mut sink);
        assert!(matches!(read, Err(Error::Sink(reason)) if reason.to_string() == "the cable is cut"));
        assert_eq!(sink.0, 1);
    }
}

/// A sink need not read what it is given; it is checked all the same.
#[test]
fn what_a_sink_does_not_read_is_checked() {
    struct Lazy;
    impl Sink for Lazy {
        fn layer(&mut self, _: &LayerBlob, _: &mut dyn Read) -> Result<(), SinkError> {
            Ok(())
        }
    }
    let mut entries = blobs();
    assert!(read_archive(&archive(&entries)[..], &[image()], &diff_ids(), Order::Any, &mut Lazy).is_ok());
    second(&mut entries).2[3] ^= 1;
    let read = read_archive(&archive(&entries)[..], &[image()], &diff_ids(), Order::Any, &mut Lazy);
    assert!(matches!(read, Err(Error::Archive(InvalidContent::Digest { .. }))));
}

proptest! {
    /// Whatever bytes are other ones: what is handed over is right, or there is an error on one line.
    #[test]
    fn changed_bytes_are_an_error_or_change_nothing(
        form in any::<bool>(),
        given in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let mut bytes = archive(&if form { blobs() } else { folders() });
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Err(err) = read(&bytes, if given { Order::Requested } else { Order::Any }) {
            prop_assert!(matches!(err, Error::Archive(_)));
            prop_assert!(!err.to_string().contains(char::is_control), "{err}");
        }
    }

    /// Entries may come in any order.
    #[test]
    fn entries_come_in_any_order(form in any::<bool>(), given in any::<bool>(), entries in Just(()).prop_flat_map(|()| {
        (Just(blobs()).prop_shuffle(), Just(folders()).prop_shuffle())
    })) {
        let entries = if form { entries.0 } else { entries.1 };
        read(&archive(&entries), if given { Order::Requested } else { Order::Any }).unwrap();
    }
}
