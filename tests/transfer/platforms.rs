//! `--platform`: one platform of an image that has several.

use std::fs::File;
use std::process::Command;

use dockerutils_testbed::{Dock, Engine, Version, engines_of_each_store};
use dockerutils_testkit::Project;

use super::{Fixture, engine, fails_with, small};

/// Builds an image of three platforms in containerd's store.
fn build(engine: &Engine, name: &str) -> Project {
    let project = Project::new().file("context/file", "content").file(
        "context/Dockerfile",
        "FROM scratch\nARG TARGETARCH\nARG TARGETVARIANT\nENV ARCH=$TARGETARCH$TARGETVARIANT\nCOPY file /$TARGETARCH/file\n",
    );
    let context = project.root().join("context");
    let platforms = "--platform=linux/amd64,linux/arm64,linux/arm/v7";
    engine.docker(&["buildx", "build", platforms, "-t", name, context.to_str().expect("a path")]);
    project
}

/// Returns the architecture of an image, and the variable that its Dockerfile sets by it.
#[track_caller]
fn architecture(mut docker: Command, name: &str) -> String {
    let inspect = ["image", "inspect", "--format", "{{.Architecture}} {{index .Config.Env 1}}", name];
    let output = docker.args(inspect).output().expect("docker");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn one_platform_of_an_index_arrives_in_every_store() {
    let containerd = engines_of_each_store().pop().expect("containerd's store");
    let _project = build(containerd, "several:1");
    for version in [Version::V20, Version::V26, Version::V26Containerd] {
        let dock = Dock::builder("platform", version).start().expect("a dock");
        for by_save in [false, true] {
            let fixture = Fixture::of(&dock);
            let fixture = if by_save { fixture.by_save() } else { fixture };
            for (platform, expected) in [
                ("linux/arm64", "arm64 ARCH=arm64"),
                ("linux/arm", "arm ARCH=armv7"),
                ("linux/amd64", "amd64 ARCH=amd64"),
            ] {
                let words = ["several:1", "gpu", "--platform", platform];
                let outcome = fixture.transfer(containerd, &words).run();
                // What is left out was requested, so it is not reported.
                outcome
                    .status(0)
                    .stderr_lacks("only")
                    .stderr_has(&format!("docker save --platform {platform} several:1 | "));
                assert_eq!(architecture(fixture.docker(), "several:1"), expected, "{version}, {by_save}");
                // What has arrived is found again.
                let again = fixture.transfer(containerd, &words).run();
                again.status(0).stderr_has("all 1 were there");
                dock.exec(&["docker", "image", "rm", "several:1"]);
            }
            assert_eq!(fixture.dangling(), "");
        }
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_bundle_of_one_platform_is_loaded_by_docker_and_by_apply() {
    let containerd = engines_of_each_store().pop().expect("containerd's store");
    let project = build(containerd, "bundled:1");
    let bundle = project.root().join("arm64.tar");
    let file = bundle.to_str().expect("a path");
    let dock = Dock::builder("bundles", Version::V20).start().expect("a dock");
    let fixture = Fixture::of(&dock);
    let words = ["--bundle", file, "bundled:1", "--platform", "linux/arm64", "--as", "arm:1"];
    fixture.transfer(containerd, &words).run().status(0);
    let mut load = dock.command("docker");
    let load = load.arg("load").stdin(File::open(&bundle).expect("a bundle")).output().expect("nsenter");
    assert!(load.status.success(), "{load:?}");
    assert_eq!(architecture(fixture.docker(), "arm:1"), "arm64 ARCH=arm64");
    fixture.transfer(engine(), &["--apply", file]).run().status(0);
    assert_eq!(architecture(engine().command(), "arm:1"), "arm64 ARCH=arm64");
    engine().docker(&["image", "rm", "arm:1"]);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_platform_that_an_image_does_not_have_is_an_error_that_names_those_it_has() {
    let containerd = engines_of_each_store().pop().expect("containerd's store");
    let _project = build(containerd, "lacking:1");
    engine().load(&small(92), &["one:1"]);
    let fixture = Fixture::of(super::dock());
    for (engine, image, existing) in [
        (containerd, "lacking:1", "linux/amd64, linux/arm/v7, linux/arm64"),
        (engine(), "one:1", "linux/amd64"),
    ] {
        for words in [&[image, "gpu"][..], &["--bundle", "/dev/null", image]] {
            let words = [words, &["--platform", "linux/s390x"]].concat();
            let outcome = fixture.transfer(engine, &words).run();
            let message = format!("`linux/s390x` is not one of the platforms that {image} has here: ");
            fails_with(&outcome, &message);
            for platform in existing.split(", ") {
                outcome.stderr_has(platform);
            }
        }
    }
    assert_eq!(fixture.proxy.connections(), 1, "only that of the fixture");
}

#[test]
fn a_text_that_is_not_a_platform_is_an_error() {
    for text in ["arm64", "linux/", "linux/arm64,linux/amd64", "linux/\u{1b}[31m"] {
        let outcome = Project::new().command("transfer-image").args(["dev", "gpu", "--platform", text]).run();
        outcome.status(2).stderr_has("--platform");
        assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
    }
}
