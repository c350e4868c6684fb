//! Layers that docker does not build: names that are not text, links, devices, whiteouts, holes, archives with unusual ends.

use std::io::Write;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_testbed::{Version, engines_of_each_store};
use dockerutils_testkit::Project;
use dockerutils_transfer::source::{Error, Order};
use tar::{Builder, EntryType};

use crate::engines::compare;
use crate::support::{Layers, all_layers, header, load, open, open_without_save, read};

type Layer = Builder<Vec<u8>>;

fn layer(fill: impl FnOnce(&mut Layer)) -> Vec<u8> {
    let mut layer = Builder::new(Vec::new());
    fill(&mut layer);
    layer.into_inner().expect("a layer")
}

fn file(layer: &mut Layer, name: impl AsRef<std::path::Path>, content: &[u8]) {
    layer.append_data(&mut header(content.len() as u64), name, content).expect("a file");
}

/// Adds an entry with this name, which the tar crate would refuse or change.
fn raw(layer: &mut Layer, name: &[u8], kind: EntryType, content: &[u8]) {
    let mut header = header(content.len() as u64);
    header.as_gnu_mut().expect("a header").name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_cksum();
    layer.append(&header, content).expect("an entry");
}

fn link(layer: &mut Layer, kind: EntryType, name: &str, target: &str) {
    let mut header = header(0);
    header.set_entry_type(kind);
    layer.append_link(&mut header, name, target).expect("a link");
}

fn device(layer: &mut Layer, kind: EntryType, name: &str) {
    let mut header = header(0);
    header.set_entry_type(kind);
    header.set_device_major(1).and_then(|()| header.set_device_minor(3)).expect("a device");
    layer.append_data(&mut header, name, &b""[..]).expect("a device");
}

fn unusual_names() -> Vec<u8> {
    layer(|layer| {
        raw(layer, b"no \xff text \xfe", EntryType::Regular, b"bytes");
        raw(layer, b"./dotted", EntryType::Regular, b"dotted");
        raw(layer, b"a \"quoted\\ & <name>\nof two lines", EntryType::Regular, b"quoted");
        file(layer, "ünï/cödé", b"unicode");
        file(layer, "deep/".repeat(60) + &"long".repeat(50), b"long");
        layer
            .append_pax_extensions([("SCHILY.xattr.user.note", &b"a\0b\xff"[..]), ("comment", b"x")])
            .expect("extensions");
        file(layer, "with attributes", b"attributes");
    })
}

fn links_and_devices() -> Vec<u8> {
    layer(|layer| {
        file(layer, "plain", b"content");
        link(layer, EntryType::Link, "hard", "plain");
        link(layer, EntryType::Symlink, "soft", "/etc/passwd");
        link(layer, EntryType::Symlink, "nowhere", "../../../../etc/shadow");
        device(layer, EntryType::Char, "null");
        device(layer, EntryType::Fifo, "pipe");
    })
}

fn whiteouts() -> Vec<u8> {
    layer(|layer| {
        file(layer, ".wh.plain", b"");
        file(layer, "deep/.wh..wh..opq", b"");
        file(layer, "deep/new", b"new");
    })
}

fn sizes() -> Vec<u8> {
    layer(|layer| {
        for size in [0, 1, 511, 512, 513, 1024, 70_000] {
            file(layer, format!("of {size}"), &vec![7; size]);
        }
    })
}

/// A file of three megabytes that consists of zeros mostly, stored in full and not as one of GNU's sparse entries.
fn holes() -> Vec<u8> {
    let mut content = vec![0; 3 << 20];
    content[1 << 20] = 1;
    layer(|layer| file(layer, "holes", &content))
}

/// An archive without entries, which ends with this many zeros.
fn empty(zeros: usize) -> Vec<u8> {
    vec![0; zeros]
}

fn more_zeros_than_necessary() -> Vec<u8> {
    let mut bytes = layer(|layer| file(layer, "short", b"short"));
    bytes.write_all(&[0; 20_480]).expect("zeros");
    bytes
}

#[test]
#[ignore = "needs root: private engine"]
fn unusual_layers_are_read_as_they_were_loaded() {
    let layers = [
        unusual_names(),
        links_and_devices(),
        whiteouts(),
        sizes(),
        holes(),
        empty(1024),
        more_zeros_than_necessary(),
        sizes(),
        empty(10_240),
    ];
    for engine in engines_of_each_store() {
        load(engine, "odd:1", &layers);
        let source = open(engine, &["odd:1"]).expect("an image");
        let diff_ids: Vec<Digest> = source.images()[0].layers.iter().map(|layer| layer.diff_id).collect();
        assert_eq!(diff_ids, layers.iter().map(Digest::of).collect::<Vec<_>>());
        compare(engine, &source.without_store());
        let folder = Project::new();
        compare(engine, &open_without_save(engine, &["odd:1"], &folder));
    }
}

/// `docker save` cannot write such an image.
#[test]
#[ignore = "needs root: private engine"]
fn an_image_without_layers_has_a_configuration() {
    for engine in engines_of_each_store() {
        load(engine, "none:1", &[]);
        let source = open(engine, &["none:1"]).expect("an image");
        let (images, layers) = read(&source, &all_layers(source.images()), Order::Requested);
        assert_eq!((layers.order(), images[0].layers.len()), (vec![], 0));
        assert!(String::from_utf8_lossy(&images[0].config).contains("none:1"));
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_layer_with_a_file_behind_a_link_comes_from_docker_save() {
    let behind = layer(|layer| {
        file(layer, "folder/inner", b"inner");
        link(layer, EntryType::Symlink, "link", "folder");
        file(layer, "link/file", b"through the link");
    });
    for engine in engines_of_each_store() {
        load(engine, "behind:1", &[sizes(), behind.clone()]);
        let source = open(engine, &["behind:1"]).expect("an image");
        let wanted = all_layers(source.images());
        for order in [Order::Any, Order::Requested] {
            let (_, layers) = read(&source, &wanted, order);
            let contents: Vec<&[u8]> = layers.0.iter().map(|(_, bytes)| &bytes[..]).collect();
            assert!(contents.contains(&&behind[..]) && contents.len() == 2, "{}", engine.version());
        }
    }
}

/// A sparse file as GNU tar writes it in POSIX's format. The classic store loads the layer but cannot put its archive
/// together again, so reading it must fail rather than deliver other bytes.
#[test]
#[ignore = "needs root: private engine"]
fn a_sparse_file_is_read_if_docker_can_save_it_and_refused_otherwise() {
    let sparse = layer(|layer| {
        let map = b"1\n1048576\n512\n";
        let mut content = vec![0; 1024];
        content[..map.len()].copy_from_slice(map);
        content[512..].fill(9);
        let extensions: [(&str, &[u8]); 4] = [
            ("GNU.sparse.major", b"1"),
            ("GNU.sparse.minor", b"0"),
            ("GNU.sparse.name", b"sparse"),
            ("GNU.sparse.realsize", b"1049088"),
        ];
        layer.append_pax_extensions(extensions).expect("extensions");
        file(layer, "GNUSparseFile.0/sparse", &content);
        file(layer, "after", b"after");
    });
    for engine in engines_of_each_store() {
        load(engine, "sparse:1", std::slice::from_ref(&sparse));
        let source = open(engine, &["sparse:1"]).expect("an image");
        if engine.version() == Version::V26Containerd {
            compare(engine, &source);
            compare(engine, &source.without_store());
            continue;
        }
        let wanted = all_layers(source.images());
        for source in [source, open(engine, &["sparse:1"]).expect("an image").without_store()] {
            let mut layers = Layers::default();
            let read = source.read_layers(&wanted, Order::Any, &Runner::default(), &mut layers);
            assert!(matches!(read, Err(Error::Docker { .. } | Error::Store(_))), "{read:?}");
            assert_eq!(layers.order(), []);
        }
    }
}
