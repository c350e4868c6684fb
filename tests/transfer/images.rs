//! Which images are transferred, and which tags they get.

use std::fs::File;

use dockerutils_testbed::{Dock, Engine, Image, Version, engines_of_each_store};
use dockerutils_testkit::Project;

use super::{Fixture, dock, engine, fails_with, messages, small};

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

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_without_layers_arrives_or_the_reason_is_one_sentence() {
    let dock = dock();
    for engine in engines_of_each_store() {
        engine.load(&Image::new(4_960), &["empty:1"]);
        let fixture = Fixture::of(dock);
        fixture.send(engine, "empty:1");
        assert!(fixture.has("empty:1"), "{}", engine.version());
        dock.exec(&["docker", "image", "rm", "empty:1"]);
        let fixture = fixture.by_save();
        let outcome = fixture.transfer(engine, &["empty:1", "gpu"]).run();
        if outcome.status != 0 {
            fails_with(&outcome, "docker cannot save an image without layers: run the command as root");
        } else {
            dock.exec(&["docker", "image", "rm", "empty:1"]);
        }
    }
}

/// Builds an image whose layers containerd's store holds compressed with zstd.
fn build_with_zstd(engine: &Engine, name: &str) -> Project {
    let project = Project::new().file("context/file", "content").file(
        "context/Dockerfile",
        "FROM busybox:latest\nCOPY file /file\nRUN head -c 300000 /dev/urandom >/random\n",
    );
    let context = project.root().join("context");
    let output =
        format!("type=image,name={name},compression=zstd,force-compression=true,oci-mediatypes=true");
    engine.docker(&["buildx", "build", "--output", &output, context.to_str().expect("a path")]);
    project
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn layers_that_are_compressed_with_zstd_reach_engines_that_do_not_unpack_it() {
    let containerd = engines_of_each_store().pop().expect("containerd's store");
    let _project = build_with_zstd(containerd, "zstd:1");
    let dock = dock();
    for by_save in [false, true] {
        let fixture = Fixture::of(dock);
        let fixture = if by_save { fixture.by_save() } else { fixture };
        let outcome = fixture.transfer(containerd, &["zstd:1", "gpu"]).run();
        outcome.status(0).stderr_has("only linux/amd64 is transferred, without its attestations");
        assert_eq!(dock.exec(&["docker", "run", "--rm", "zstd:1", "cat", "/file"]), "content");
        dock.exec(&["docker", "image", "rm", "zstd:1"]);

        let bundle = fixture.project.root().join("zstd.tar");
        let file = bundle.to_str().expect("a path");
        fixture.transfer(containerd, &["--bundle", file, "zstd:1"]).run().status(0);
        let mut load = dock.command("docker");
        let load = load.arg("load").stdin(File::open(bundle).expect("a bundle")).output().expect("nsenter");
        assert!(load.status.success(), "{load:?}");
        assert_eq!(dock.exec(&["docker", "run", "--rm", "zstd:1", "cat", "/file"]), "content");
        dock.exec(&["docker", "image", "rm", "zstd:1"]);
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn between_containerd_stores_an_index_arrives_with_all_platforms_and_attestations() {
    let containerd = engines_of_each_store().pop().expect("containerd's store");
    let project = Project::new().file("context/file", "content").file(
        "context/Dockerfile",
        "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY file /$TARGETARCH/file\n",
    );
    let context = project.root().join("context");
    let context = context.to_str().expect("a path");
    let platforms = "--platform=linux/amd64,linux/arm64";
    containerd.docker(&["buildx", "build", platforms, "--provenance=true", "-t", "index:1", context]);
    let id = ["image", "inspect", "--format", "{{.Id}}", "index:1"];
    let dock = Dock::builder("index", Version::V26Containerd).start().expect("a dock");
    for by_save in [false, true] {
        let fixture = Fixture::of(&dock);
        let fixture = if by_save { fixture.by_save() } else { fixture };
        let outcome = fixture.transfer(containerd, &["index:1", "gpu"]).run();
        outcome.status(0);
        assert!(!outcome.stderr.contains("without"), "{}", outcome.stderr);
        let id_on_dock = fixture.docker().args(id).output().expect("nsenter").stdout;
        assert_eq!(String::from_utf8_lossy(&id_on_dock).trim_end(), containerd.docker(&id));
        assert_eq!(parts(fixture.docker()), parts(containerd.command()));
        dock.exec(&["docker", "image", "rm", "index:1"]);
    }
    // A classic store has one platform of an image, and no attestations.
    let fixture = Fixture::of(super::dock());
    let outcome = fixture.transfer(containerd, &["index:1", "gpu"]).run();
    outcome.status(0).stderr_has("without linux/arm64, its attestations");
    assert!(fixture.has("index:1"));
}

/// Returns the names of all blobs of the image `index:1`.
fn parts(mut docker: std::process::Command) -> Vec<String> {
    let saved = docker.args(["save", "index:1"]).output().expect("docker").stdout;
    let mut archive = tar::Archive::new(saved.as_slice());
    let name = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        entry.expect("an entry").path().expect("a path").display().to_string()
    };
    let mut names: Vec<String> = archive.entries().expect("an archive").map(name).collect();
    names.sort_unstable();
    names
}
