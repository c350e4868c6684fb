//! The engine of a host is inspected by one command on one connection.

use std::fs;

use dockerutils_command::Runner;
use dockerutils_testbed::{Dock, Version};
use dockerutils_transfer::LoadArchive;
use dockerutils_transfer::remote::{ExpectedImage, Finalize, Store, Unpacker};

use crate::docks::{Image, connect, connect_for, send, ssh_host};

#[test]
#[ignore = "needs root: dock"]
fn every_engine_reports_its_version_store_and_images() {
    for version in Version::ALL {
        let dock = Dock::builder("far", version).start().expect("a dock");
        let empty = connect(ssh_host(&dock, "ubuntu"));
        let inventory = empty.inventory().clone();
        assert!(inventory.version.starts_with(version.prefix()), "{inventory:?}");
        assert_eq!(inventory.platform.os, "linux");
        let is_containerd = version == Version::V26Containerd;
        assert_eq!(inventory.store == Store::Containerd, is_containerd, "{inventory:?}");
        assert_eq!(inventory.unpacks_zstd(), version != Version::V20);
        assert!(inventory.tools.gzip && inventory.tools.zstd && inventory.tools.streams, "{inventory:?}");
        assert!(inventory.images.is_empty() && !inventory.sudo);
        dock.import_busybox("busybox:latest");
        let one = connect(ssh_host(&dock, "ubuntu")).inventory().clone();
        assert_eq!(one.images.len(), 1);
        assert_eq!(one.images[0].references, ["busybox:latest"]);
        assert_eq!(one.images[0].layers.len(), 1);
        let wanted = [vec![one.images[0].id]];
        let engine = connect_for(ssh_host(&dock, "ubuntu"), &wanted).unwrap();
        assert_eq!(engine.inventory().wanted, one.images);
        assert!(engine.inventory().images.is_empty(), "other images are not reported");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn the_greeting_of_a_login_shell_is_ignored() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let bashrc = "echo Welcome; printf 'no line feed'; echo 'echo 0 3'; export BASH_ENV=~/.bashrc\n";
    fs::write(dock.root().join("home/ubuntu/.bashrc"), bashrc).unwrap();
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(&dock, "ubuntu"));
    assert!(engine.inventory().version.starts_with("20.10"));
    engine.round_trip().unwrap();
    engine.round_trip().unwrap();
    for streams in [1, 4] {
        let image = Image::new(&streams.to_string(), &["a"], 5 << 20);
        let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        let expected = ExpectedImage { id: image.config(), layers: image.diff_ids(), references: Vec::new() };
        engine
            .finalize(Finalize { images: &[expected], bases: &[], holds: &[], obsolete: &[] }, &runner)
            .unwrap();
    }
}

#[test]
#[ignore = "needs root: dock"]
fn two_thousand_images_are_reported_by_one_command() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let images: Vec<Image> = (0..2000).map(|number| Image::new(&number.to_string(), &[], 0)).collect();
    let images: Vec<_> = images.into_iter().map(|image| image.loaded).collect();
    let mut archive = LoadArchive::new(Vec::new());
    archive.finish(&images).unwrap();
    let archive = archive.into_inner();
    let mut sender = connect(ssh_host(&dock, "ubuntu"));
    let mut receiver = sender.receive(Unpacker::Docker, 1, &Runner::new(false)).unwrap();
    send(&mut receiver, &archive).unwrap();
    receiver.finish().unwrap();
    let engine = connect(ssh_host(&dock, "ubuntu"));
    assert_eq!(engine.inventory().images.len(), 2000);
}

#[test]
#[ignore = "needs root: dock"]
fn an_image_whose_content_is_incomplete_is_missing() {
    let dock = Dock::builder("far", Version::V26Containerd).start().expect("a dock");
    let image = Image::new("incomplete", &["a", "b"], 100_000);
    let wanted = [vec![image.manifest()]];
    let load = |archive: &[u8]| {
        let mut sender = connect(ssh_host(&dock, "ubuntu"));
        let mut receiver = sender.receive(Unpacker::Docker, 1, &Runner::new(false)).unwrap();
        send(&mut receiver, archive).and_then(|()| receiver.finish())
    };
    load(&image.archive_from(1)).expect_err("a layer is missing");
    // Docker inspects and tags it all the same.
    dock.exec(&["docker", "image", "inspect", &image.manifest().to_string()]);
    let engine = connect_for(ssh_host(&dock, "ubuntu"), &wanted).unwrap();
    assert_eq!(engine.inventory().wanted, []);
    load(&image.archive()).unwrap();
    let engine = connect_for(ssh_host(&dock, "ubuntu"), &wanted).unwrap();
    assert_eq!(engine.inventory().wanted.len(), 1);
}
