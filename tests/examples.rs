//! The example project: its configuration shows every key with a comment and causes no warning, and its Dockerfiles parse.
//!
//! These tests need no engine; tests/real/examples.rs builds and runs the images. `make lint` runs the linters.

mod patterns;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerutils_config::{DOCKED, KEYS, RUN_IMAGE_KEYS, ini};
use dockerutils_docker::BuildPlanner;
use dockerutils_project::Project;
use dockerutils_testkit as testkit;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Copies the example project into a folder of this name.
pub(crate) fn copied_to(name: &str) -> testkit::Project {
    let copy = testkit::Project::named(name);
    copy.program("cp").args(["-R".into(), root().join("."), ".".into()]).run().status(0);
    copy
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// Returns the names of all images, with and without a folder.
fn image_names(project: &Project) -> Vec<String> {
    let folders = project.folder_images().expect("docker/ can be read").into_iter().map(|image| image.name);
    folders.chain(project.config().synthetic_images()).collect()
}

fn shown_keys() -> BTreeSet<String> {
    let sections = ini::parse(read("docker/dockerutils.cfg").as_bytes()).expect("it is INI").sections;
    sections.into_iter().flat_map(|section| section.entries).map(|entry| entry.key).collect()
}

#[test]
fn the_configuration_shows_every_key() {
    let shown = shown_keys();
    let missing: Vec<&str> =
        KEYS.iter().map(|key| key.name).chain(RUN_IMAGE_KEYS).filter(|key| !shown.contains(*key)).collect();
    assert_eq!(missing, [""; 0]);
    assert!(shown.iter().any(|key| key.ends_with(DOCKED)), "the file shows no {DOCKED} twin");
}

#[test]
fn the_first_use_of_every_key_has_a_comment() {
    let text = read("docker/dockerutils.cfg");
    let lines: Vec<&str> = text.lines().collect();
    for key in KEYS.iter().map(|key| key.name).chain(RUN_IMAGE_KEYS) {
        let first = lines.iter().position(|line| line.starts_with(&format!("{key}="))).unwrap();
        assert!(lines[first - 1].starts_with('#'), "{key} has no comment");
    }
}

#[test]
fn the_configuration_causes_no_warning() {
    let project = Project::at(root()).unwrap();
    assert_eq!(project.config().unknown_keys().len(), 0);
    for name in image_names(&project) {
        for docked in [false, true] {
            let section = project.config().image(&name, docked).unwrap();
            let unknown: Vec<String> = section.unknown_keys.iter().map(ToString::to_string).collect();
            assert_eq!(unknown, [""; 0], "[{name}]");
        }
    }
}

#[test]
fn every_section_has_a_meaning() {
    let project = Project::at(root()).unwrap();
    let sections = ini::parse(read("docker/dockerutils.cfg").as_bytes()).unwrap().sections;
    let targets: Vec<&str> = sections
        .iter()
        .flat_map(|section| &section.entries)
        .filter(|e| e.key == "env")
        .map(|e| e.value.as_str())
        .collect();
    for section in &sections {
        let name = section.name.as_str();
        let known = name == "run_image" || targets.contains(&name) || project.image(name).is_ok();
        assert!(known, "[{name}] has no meaning");
    }
}

#[test]
fn bases_are_built_before_the_images_that_start_from_them() {
    let project = Project::at(root()).unwrap();
    let mut names = project.image_folders().unwrap();
    names.reverse();
    let plan = BuildPlanner::new(&project, &[]).include_bases().plan(&names, None).unwrap();
    let place = |name: &str| plan.builds.iter().position(|build| build.image().name == name).unwrap();
    for (base, image) in [("base", "dev"), ("base", "cicd"), ("base", "notebook"), ("cicd", "prod")] {
        assert!(place(base) < place(image), "{image} starts from {base}");
    }
}

#[test]
fn every_dockerfile_is_valid() {
    for image in Project::at(root()).unwrap().folder_images().unwrap() {
        let text = read(&image.dockerfile_path());
        parse_dockerfile::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", image.name));
    }
}
