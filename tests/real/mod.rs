//! The commands on real engines, 20.10 and 26.1, which only this test process uses.
//!
//! A container is named by user, image and second, so each test runs an image of a name of its own.

mod build;
mod examples;
mod run;
mod run_files;
mod run_network;
mod run_secrets;
mod run_terminal;

use dockerutils_testbed::Engine;
use dockerutils_testkit::{Invocation, Project};

/// A project in a folder whose name contains special characters; its only image is busybox under this name.
fn project(image: &str, keys: &str) -> Project {
    Project::named("it's a $proj").cfg(format!(
        "[run_image]\nsynthetic_images={image}\ngpu_mode=runtime\n\
         [{image}]\nname=busybox:latest\nprefix=False\n{keys}\n"
    ))
}

fn run(project: &Project, engine: &Engine, args: &[&str]) -> Invocation {
    project.command("run-image").args(args).uses(engine)
}

/// Returns the names of the containers of an image of such a project, running or not.
fn containers(engine: &Engine, image: &str) -> Vec<String> {
    let filter = format!("name=tester_{image}_");
    let names = engine.docker(&["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"]);
    names.lines().map(str::to_owned).collect()
}
