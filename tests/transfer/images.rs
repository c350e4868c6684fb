//! Which images go, under which names.

use dockerutils_testbed::{Engine, Image, Version};

use super::{Setting, dock, engine, said, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn the_projects_images_by_the_names_that_they_have_there_too() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    let _ = setting.project.clone().dockerfile("dev", "FROM scratch\n").cfg(
        "[run_image]\nsynthetic_images=alias,fixed\n[alias]\nname=dev\n[fixed]\nname=fixed:1\nprefix=False\n",
    );
    for (number, (word, name)) in
        [("dev", "proj-dev:tester"), ("fixed", "fixed:1"), ("plain:1", "plain:1")].into_iter().enumerate()
    {
        engine.load(&small(40 + number as u64), &[name]);
        setting.send(engine, word);
        assert!(setting.has(name), "{word}");
    }
    setting.send(engine, "alias");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn by_id_an_image_keeps_the_names_it_has_there() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(45), &["by-id:1"]);
    let id = engine.docker(&["image", "inspect", "--format", "{{.Id}}", "by-id:1"]);
    for id in [&id[..], &id["sha256:".len()..], &id["sha256:".len()..][..12]] {
        setting.send(engine, id);
        assert!(setting.has(id), "{id}");
    }
    // No name was said, so none is given.
    assert!(!setting.has("by-id:1"));
    dock.exec(&["docker", "image", "rm", &id]);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn only_the_names_that_are_said_are_given() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(46), &["said:1", "unsaid:1"]);
    setting.send(engine, "said:1");
    assert!(setting.has("said:1") && !setting.has("unsaid:1"));
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn several_images_share_layers_in_one_go() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    let base = Image::new(4_800).random(2_000_000).busybox();
    let (one, two) = (base.clone().random(200_000), base.random(200_000).with_last_layer_changed());
    engine.load(&one, &["share:1"]);
    engine.load(&two, &["share:2"]);
    let before = setting.way.sent();
    let outcome = setting.transfer(engine, &["share:1", "share:2", "gpu"]).run();
    let sent = setting.way.sent() - before;
    let told = said(outcome.status(0));
    assert!(told.last().is_some_and(|line| line.contains("(0 of 4 layers were there)")), "{told:?}");
    // The base has some four megabytes.
    assert!(sent < 5_000_000, "{sent}");
    for image in ["share:1", "share:2"] {
        assert_eq!(dock.exec(&["docker", "run", "--rm", image, "echo", "it ran"]), "it ran");
    }
    assert_eq!(setting.way.connections(), 2, "one of them is of this test");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_of_another_architecture_is_warned_of_before() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(47).architecture("s390x"), &["foreign:1"]);
    let outcome = setting.transfer(engine, &["foreign:1", "gpu"]).run();
    let told = said(outcome.status(0));
    let here = dock.exec(&["docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]);
    let warning = format!("warning: foreign:1 is for linux/s390x, and gpu is {here}");
    let at = |text: &str| told.iter().position(|line| line.contains(text));
    assert!(at(&warning).is_some() && at(&warning) < at("sending"), "{told:?}");
    assert!(setting.has("foreign:1"));
}

/// Its files are on a disk that is mounted for the engine alone.
#[test]
#[ignore = "needs root: private engine and dock"]
fn an_engine_with_mounts_of_its_own_is_read_without_docker_save() {
    let dock = dock();
    let own = Engine::start_on_disk(Version::V20, 200).expect("an engine");
    let setting = Setting::of(dock);
    own.load(&small(49), &["own-mounts:1"]);
    let folder = setting.docker_that(&own, "exit 9");
    let setting = Setting { docker_first: Some(folder), ..setting };
    setting.transfer(&own, &["own-mounts:1", "gpu"]).run().status(0);
    assert!(setting.has("own-mounts:1"));
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn all_is_sent_where_that_is_wanted() {
    let (engine, dock) = (engine(), dock());
    let setting = Setting::of(dock);
    engine.load(&small(48), &["full:1"]);
    // Packed otherwise, the same layers would be other bytes.
    let send = |words: &[&str]| {
        let before = setting.way.sent();
        let words = [&["full:1", "gpu", "--compress", "none"], words].concat();
        setting.transfer(engine, &words).run().status(0);
        setting.way.sent() - before
    };
    let first = send(&[]);
    assert!(send(&[]) < 64_000);
    assert!(send(&["--full"]) > first * 9 / 10);
}
