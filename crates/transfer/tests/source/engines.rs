//! Images that engines of each version and store have built.

use std::sync::{Mutex, PoisonError};

use dockerutils_oci::Digest;
use dockerutils_testbed::{Engine, Version, engines_of_each_store};
use dockerutils_testkit::Project;
use dockerutils_transfer::source::{Error, Order, Source};

use crate::support::{all_layers, open, open_without_save, read, saved};

const DOCKERFILE: &str = r#"
FROM busybox:latest
COPY a /a
RUN echo hello > /hello && ln /hello /hard && ln -s /a /sym
COPY a /b
RUN rm /a && mkdir /empty
COPY large /large/
ENV X="<&>é"
"#;

/// Held during a build: with containerd's store, two builds that create an image of one name at the same time fail with
/// "already exists".
static BUILD: Mutex<()> = Mutex::new(());

/// Builds two images that share layers. One layer occurs twice in the second image.
fn build(engine: &Engine) {
    let _one_at_a_time = BUILD.lock().unwrap_or_else(PoisonError::into_inner);
    let project =
        Project::new().file("Dockerfile", DOCKERFILE).file("a", "aaa").file("large", noise(3 << 20));
    let root = project.root().to_str().expect("a path");
    engine.docker(&["build", "-q", "-t", "proj-dev:me", root]);
    let project = project.file("Dockerfile", format!("{DOCKERFILE}\nCOPY large /large/\nRUN echo 2 > /2"));
    let root = project.root().to_str().expect("a path");
    engine.docker(&["build", "-q", "-t", "proj-other:me", root]);
}

fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..size).map(|_| next()).collect()
}

/// Checks that the source delivers what docker saves, in either order.
pub(crate) fn compare(engine: &Engine, source: &Source) {
    let wanted = all_layers(source.images());
    for order in [Order::Any, Order::Requested] {
        let (images, delivered) = read(source, &wanted, order);
        if order == Order::Requested {
            assert_eq!(delivered.order(), wanted);
        }
        assert_eq!(delivered.0.len(), wanted.len());
        for (image, read) in source.images().iter().zip(images) {
            let (config, layers) = saved(engine, image);
            assert_eq!(read.config, config);
            assert_eq!(read.config_digest, Digest::of(&config));
            assert_eq!(image.layers.len(), layers.len());
            for ((layer, blob), bytes) in image.layers.iter().zip(read.layers).zip(layers) {
                let mut delivered = delivered.0.iter();
                let (found, content) =
                    delivered.find(|(found, _)| found.diff_id == layer.diff_id).expect("the layer");
                assert!(*content == bytes, "{} {order:?}: {}", engine.version(), layer.diff_id);
                assert_eq!(found.blob.digest, Digest::of(&bytes));
                assert_eq!(found.blob.size, bytes.len() as u64);
                assert!(source.layer_size(&layer.diff_id).is_none_or(|size| size == found.blob.size));
                assert!(blob.is_none_or(|blob| blob == found.blob));
                assert_eq!(found.blob.digest == layer.diff_id, found.blob.media_type.ends_with(".tar"));
            }
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn layers_have_the_bytes_that_docker_saves() {
    for engine in engines_of_each_store() {
        build(engine);
        let names = ["proj-dev:me", "proj-other:me", "busybox"];
        let source = open(engine, &names).expect("images");
        compare(engine, &source.without_store());
        let folder = Project::new();
        let source = open_without_save(engine, &names, &folder);
        compare(engine, &source);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_folder_of_fuse_overlayfs_is_read() {
    let engine = Engine::start_with_driver(Version::V20, "fuse-overlayfs").expect("an engine");
    engine.import_busybox("busybox:latest");
    build(&engine);
    let folder = Project::new();
    let source = open_without_save(&engine, &["proj-dev:me", "proj-other:me"], &folder);
    compare(&engine, &source);
}

#[test]
#[ignore = "needs root: private engine"]
fn only_wanted_layers_are_delivered() {
    for engine in engines_of_each_store() {
        build(engine);
        let source = open(engine, &["proj-other:me"]).expect("an image");
        let last = source.images()[0].layers.last().expect("a layer").diff_id;
        for wanted in [vec![], vec![last], vec![last, last]] {
            for order in [Order::Any, Order::Requested] {
                let (images, delivered) = read(&source, &wanted, order);
                assert_eq!(delivered.order(), wanted.first().copied().into_iter().collect::<Vec<_>>());
                assert_eq!(Digest::of(&images[0].config), images[0].config_digest);
            }
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_keeps_the_names_that_it_was_requested_by_but_no_id() {
    for engine in engines_of_each_store() {
        let id = engine.docker(&["image", "inspect", "--format", "{{.Id}}", "busybox"]);
        engine.docker(&["tag", "busybox", "host:5000/a/b:1"]);
        let references = [&id, "busybox", "docker.io/library/busybox:latest", "host:5000/a/b:1", &id[7..19]];
        let source = open(engine, &references).expect("images");
        let [image] = source.images() else { panic!("{:?}", source.images()) };
        assert_eq!(image.id.to_string(), id);
        assert_eq!(image.references, ["busybox:latest", "host:5000/a/b:1"]);
        assert_eq!(image.platform.os, "linux");
        let source = open(engine, &[&id]).expect("an image");
        assert_eq!(source.images()[0].references, [""; 0]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_first_image_that_does_not_exist_is_named() {
    for engine in engines_of_each_store() {
        match open(engine, &["busybox", "nosuch-image", "busybox:nosuch"]) {
            Err(Error::NoImage(name)) => assert_eq!(name, "nosuch-image"),
            other => panic!("{other:?}"),
        }
    }
}
