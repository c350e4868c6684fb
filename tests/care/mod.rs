//! The commands for images and containers that exist: ls-image, exec-image, stop-image, and run-image --build.

mod build;
mod docked;
mod exec;
mod ls;
mod real;
mod stop;

use dockerutils_testkit::{Invocation, Project};

/// The ID of an image, by which docker lists a container whose tag has moved on.
const ID: &str = "sha256:1899fc6b3351694654b0fd97d48d25cf2bf1aac149ca577a572313abda83b267";

/// A project with the images base and dev, and the synthetic images shell and python.
fn project() -> Project {
    Project::new().dockerfile("base", "FROM scratch\n").dockerfile("dev", "FROM proj-base:tester\n").cfg(
        "[run_image]\nsynthetic_images=shell,python\n[shell]\nname=dev\n[python]\nname=python:3.12\nprefix=False\n",
    )
}

/// Returns the name of a container that run-image has started for an image; a later one has a higher number.
fn name(image: &str, number: u32) -> String {
    format!("tester_{image}_26-11-27_10.00.00.{number}")
}

/// Returns a line of `docker container ls`.
fn container(name: &str, image: &str, status: &str, ports: &str) -> String {
    let state = match status.split(' ').next() {
        Some("Up") => "running",
        Some("Created") => "created",
        _ => "exited",
    };
    format!(
        "[\"{name}\",\"{name}\",\"{image}\",\"{state}\",\"{status}\",\"{ports}\",\"2026-11-27 10:00:00 +0000 UTC\"]\n"
    )
}

/// Returns a line of `docker image ls`.
fn image(repository: &str, tag: &str, created: &str) -> String {
    format!(
        "{{\"Repository\":\"{repository}\",\"Tag\":\"{tag}\",\"ID\":\"1899fc6b3351\",\"CreatedAt\":\"{created} +0000 UTC\",\"Size\":\"1.98MB\"}}\n"
    )
}

/// Makes the recording docker print these listings.
fn docker_lists(project: &Project, invocation: Invocation, containers: &str, images: &str) -> Invocation {
    let listed = project.clone().file("containers", containers).file("images", images);
    let root = listed.root().display().to_string();
    invocation.docker_runs(&format!(
        "case \"$1 $2\" in 'container ls') cat '{root}/containers' ;; 'image ls') cat '{root}/images' ;; esac"
    ))
}
