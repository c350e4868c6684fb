//! Generated images have the described content, and are the same on every engine.
#![expect(clippy::disallowed_types, reason = "gzip measures how far an archive can be compressed")]

use std::process::{Command, Stdio};

use dockerutils_testbed::{Engine, Image, Version, engines_of_each_store};

const MEGABYTE: u64 = 1_000_000;

#[test]
#[ignore = "needs root: private engine"]
fn every_engine_gets_the_same_layers_and_runs_them() {
    let image = Image::new(1).busybox().random(2 * MEGABYTE).libraries(MEGABYTE + 1);
    let mut all = Vec::new();
    for engine in engines_of_each_store() {
        engine.load(&image, &["generated:1", "other-name:1"]);
        all.push(layers(engine, "generated:1"));
        assert_eq!(layers(engine, "other-name:1"), all[0]);
        let sizes = "cat content-65537 | sha256sum; ls -l /content-65537 /content-65538";
        let listing = engine.docker(&["run", "--rm", "generated:1", "sh", "-c", sizes]);
        assert!(
            listing.contains(" 2000000 ") && listing.contains(" 1000001 "),
            "{}: {listing}",
            engine.version()
        );
    }
    assert!(all.iter().all(|layers| layers.len() == 3 && *layers == all[0]), "{all:?}");
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_has_the_same_id_in_every_classic_store() {
    let image = Image::new(2).random(1000);
    let classic =
        engines_of_each_store().into_iter().filter(|engine| engine.version() != Version::V26Containerd);
    let id = |engine: &Engine| {
        engine.load(&image, &["generated:2"]);
        engine.docker(&["image", "inspect", "--format", "{{.Id}}", "generated:2"])
    };
    let ids: Vec<String> = classic.map(id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
#[ignore = "needs root: private engine"]
fn only_the_last_layer_differs_if_it_is_changed() {
    for last in [Image::random, Image::libraries] {
        let image = last(Image::new(3).random(1000).libraries(2000), 3000);
        for engine in engines_of_each_store() {
            engine.load(&image, &["generated:3"]);
            engine.load(&image.clone().with_last_layer_changed(), &["generated:3-changed"]);
            let (before, after) = (layers(engine, "generated:3"), layers(engine, "generated:3-changed"));
            assert_eq!(before[..2], after[..2]);
            assert_ne!(before[2], after[2]);
        }
    }
}

#[test]
fn the_seed_determines_the_image() {
    let archive = |seed| {
        let mut bytes = Vec::new();
        Image::new(seed).random(1000).libraries(2000).write(&mut bytes, &["name:tag"]).expect("an archive");
        bytes
    };
    assert!(archive(4) == archive(4));
    assert!(archive(4) != archive(5));
}

#[test]
fn random_layers_are_incompressible_and_libraries_are_not() {
    let compressed = |image: Image| {
        let mut gzip = Command::new("sh");
        let gzip = gzip.args(["-c", "gzip --fast | wc -c"]).stdin(Stdio::piped());
        let mut gzip = gzip.stdout(Stdio::piped()).spawn().expect("gzip");
        image.write(gzip.stdin.take().expect("a pipe"), &[]).expect("an archive");
        let count = gzip.wait_with_output().expect("a count").stdout;
        String::from_utf8_lossy(&count).trim().parse::<u64>().expect("a number")
    };
    assert!(compressed(Image::new(6).random(4 * MEGABYTE)) > 4 * MEGABYTE);
    let libraries = compressed(Image::new(6).libraries(4 * MEGABYTE));
    assert!((MEGABYTE / 2..3 * MEGABYTE).contains(&libraries), "{libraries}");
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_can_have_another_architecture() {
    for engine in engines_of_each_store() {
        engine.load(&Image::new(7).architecture("s390x").random(1000), &["generated:7"]);
        let format = "--format={{.Architecture}}";
        assert_eq!(engine.docker(&["image", "inspect", format, "generated:7"]), "s390x");
    }
}

fn layers(engine: &Engine, reference: &str) -> Vec<String> {
    let layers = "{{range .RootFS.Layers}}{{println .}}{{end}}";
    engine.docker(&["image", "inspect", "--format", layers, reference]).lines().map(str::to_owned).collect()
}
