//! What a target has, told by one command on one connection.

use std::fs;

use dockerutils_command::Runner;
use dockerutils_testbed::{Dock, Version};
use dockerutils_transfer::LoadArchive;
use dockerutils_transfer::remote::{Expected, Store, Unpack};

use crate::far::{Image, connect, remote, send, survey};

#[test]
#[ignore = "needs root: dock"]
fn every_engine_tells_its_version_store_and_images() {
    for version in Version::ALL {
        let dock = Dock::builder("far", version).start().expect("a dock");
        let empty = connect(remote(&dock, "ubuntu"));
        let inventory = empty.inventory().clone();
        assert!(inventory.version.starts_with(version.prefix()), "{inventory:?}");
        assert_eq!(inventory.platform.os, "linux");
        let is_containerd = version == Version::V26Containerd;
        assert_eq!(inventory.store == Store::Containerd, is_containerd, "{inventory:?}");
        assert_eq!(inventory.unpacks_zstd(), version != Version::V20);
        assert!(inventory.tools.gzip && inventory.tools.zstd && inventory.tools.lanes, "{inventory:?}");
        assert!(inventory.images.is_empty() && !inventory.sudo);
        dock.import_busybox("busybox:latest");
        let one = connect(remote(&dock, "ubuntu")).inventory().clone();
        assert_eq!(one.images.len(), 1);
        assert_eq!(one.images[0].references, ["busybox:latest"]);
        assert_eq!(one.images[0].layers.len(), 1);
        let wanted = [vec![one.images[0].id]];
        let target = survey(remote(&dock, "ubuntu"), &wanted).unwrap();
        assert_eq!(target.inventory().wanted, one.images);
        assert!(target.inventory().images.is_empty(), "no other image is told");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_shell_that_talks_is_not_heard() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let bashrc = "echo Welcome; printf 'no line feed'; echo 'tell 0 3'; export BASH_ENV=~/.bashrc\n";
    fs::write(dock.root().join("home/ubuntu/.bashrc"), bashrc).unwrap();
    let runner = Runner::new(false);
    let mut target = connect(remote(&dock, "ubuntu"));
    assert!(target.inventory().version.starts_with("20.10"));
    target.round_trip().unwrap();
    target.round_trip().unwrap();
    for lanes in [1, 4] {
        let image = Image::new(&lanes.to_string(), &["a"], 5 << 20);
        let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
        send(&mut receiver, &image.archive()).unwrap();
        assert_eq!(receiver.finish().unwrap().images, [image.config()]);
        let expected = Expected { id: image.config(), layers: image.diff_ids(), references: Vec::new() };
        target.conclude(&[expected], &[], &[], &runner).unwrap();
    }
}

#[test]
#[ignore = "needs root: dock"]
fn two_thousand_images_are_told_by_one_command() {
    let dock = Dock::builder("far", Version::V20).start().expect("a dock");
    let images: Vec<Image> = (0..2000).map(|number| Image::new(&number.to_string(), &[], 0)).collect();
    let images: Vec<_> = images.into_iter().map(|image| image.loaded).collect();
    let mut archive = LoadArchive::new(Vec::new());
    archive.finish(&images).unwrap();
    let archive = archive.into_inner();
    let mut sender = connect(remote(&dock, "ubuntu"));
    let mut receiver = sender.receive(Unpack::ByDocker, 1, &Runner::new(false)).unwrap();
    send(&mut receiver, &archive).unwrap();
    receiver.finish().unwrap();
    let target = connect(remote(&dock, "ubuntu"));
    assert_eq!(target.inventory().images.len(), 2000);
}
