//! Which images are transferred, and which tags they get.

use dockerutils_testbed::{Engine, Image, Version};

use super::{Fixture, dock, engine, messages, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_of_the_project_keeps_its_tag() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    let _ = fixture.project.clone().dockerfile("dev", "FROM scratch\n").cfg(
        "[run_image]\nsynthetic_images=alias,fixed\n[alias]\nname=dev\n[fixed]\nname=fixed:1\nprefix=False\n",
    );
    for (number, (word, name)) in
        [("dev", "proj-dev:tester"), ("fixed", "fixed:1"), ("plain:1", "plain:1")].into_iter().enumerate()
    {
        engine.load(&small(40 + number as u64), &[name]);
        fixture.send(engine, word);
        assert!(fixture.has(name), "{word}");
    }
    fixture.send(engine, "alias");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_named_by_id_gets_no_tag() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(45), &["by-id:1"]);
    let id = engine.docker(&["image", "inspect", "--format", "{{.Id}}", "by-id:1"]);
    for id in [&id[..], &id["sha256:".len()..], &id["sha256:".len()..][..12]] {
        fixture.send(engine, id);
        assert!(fixture.has(id), "{id}");
    }
    // No tag was named, so none is set.
    assert!(!fixture.has("by-id:1"));
    dock.exec(&["docker", "image", "rm", &id]);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn only_tags_that_are_named_are_set() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(46), &["named:1", "other:1"]);
    fixture.send(engine, "named:1");
    assert!(fixture.has("named:1") && !fixture.has("other:1"));
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_layer_of_several_images_is_sent_once() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    let base = Image::new(4_800).random(2_000_000).busybox();
    let (one, two) = (base.clone().random(200_000), base.random(200_000).with_last_layer_changed());
    engine.load(&one, &["share:1"]);
    engine.load(&two, &["share:2"]);
    let before = fixture.proxy.sent();
    let outcome = fixture.transfer(engine, &["share:1", "share:2", "gpu"]).run();
    let sent = fixture.proxy.sent() - before;
    let lines = messages(outcome.status(0));
    assert!(lines.last().is_some_and(|line| line.contains("(0 of 4 layers were there)")), "{lines:?}");
    // The base has some four megabytes.
    assert!(sent < 5_000_000, "{sent}");
    for image in ["share:1", "share:2"] {
        assert_eq!(dock.exec(&["docker", "run", "--rm", image, "echo", "it ran"]), "it ran");
    }
    assert_eq!(fixture.proxy.connections(), 2, "one of them is of this test");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_warning_about_another_architecture_precedes_sending() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(47).architecture("s390x"), &["foreign:1"]);
    let outcome = fixture.transfer(engine, &["foreign:1", "gpu"]).run();
    let lines = messages(outcome.status(0));
    let platform = dock.exec(&["docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]);
    let warning = format!("warning: foreign:1 is for linux/s390x, and gpu is {platform}");
    let at = |text: &str| lines.iter().position(|line| line.contains(text));
    assert!(at(&warning).is_some() && at(&warning) < at("sending"), "{lines:?}");
    assert!(fixture.has("foreign:1"));
}

/// The files of the engine are on a disk that only its mount namespace has.
#[test]
#[ignore = "needs root: private engine and dock"]
fn an_engine_with_its_own_mounts_is_read_without_docker_save() {
    let dock = dock();
    let own = Engine::start_on_disk(Version::V20, 200).expect("an engine");
    let fixture = Fixture::of(dock);
    own.load(&small(49), &["own-mounts:1"]);
    let folder = fixture.docker_that(&own, "exit 9");
    let fixture = Fixture { docker_first: Some(folder), ..fixture };
    fixture.transfer(&own, &["own-mounts:1", "gpu"]).run().status(0);
    assert!(fixture.has("own-mounts:1"));
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn full_sends_layers_that_the_host_has() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    engine.load(&small(48), &["full:1"]);
    // Compression would make the sizes differ.
    let send = |words: &[&str]| {
        let before = fixture.proxy.sent();
        let words = [&["full:1", "gpu", "--compress", "none"], words].concat();
        fixture.transfer(engine, &words).run().status(0);
        fixture.proxy.sent() - before
    };
    let first = send(&[]);
    assert!(send(&[]) < 64_000);
    assert!(send(&["--full"]) > first * 9 / 10);
}
