//! The example project on real engines: `hello` unchanged, the Python images on a stand-in for python:3.12-slim.
//!
//! Each test copies the project into a folder of another name, so that the images have different names.

use std::fs;
use std::sync::OnceLock;

use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::{Outcome, Project};

use crate::examples::copied_to;

/// Returns the engines, with a small Debian under the name of the base image.
fn engines_with_python() -> &'static [Engine] {
    static IMPORTED: OnceLock<()> = OnceLock::new();
    IMPORTED.get_or_init(|| engines().iter().for_each(|engine| engine.import_python("python:3.12-slim")));
    engines()
}

fn build(project: &Project, engine: &Engine, images: &[&str]) -> Outcome {
    project.command("build-image").args(images).uses(engine).run()
}

fn run(project: &Project, engine: &Engine, args: &[&str]) -> Outcome {
    project.command("run-image").args(args).uses(engine).run()
}

/// Replaces text in a file of the project.
#[track_caller]
fn edit(project: &Project, path: &str, old: &str, new: &str) {
    let path = project.root().join(path);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(old), "{} does not hold {old:?}", path.display());
    fs::write(path, text.replace(old, new)).expect("the file");
}

#[test]
#[ignore = "needs root: private engine"]
fn hello_runs_in_a_folder_with_a_blank_in_its_name() {
    for engine in engines() {
        let project = copied_to("Hello Examples");
        build(&project, engine, &["hello"]).status(0);
        let greeting = run(&project, engine, &["hello"]);
        greeting.status(0);
        for expected in
            ["Hello, tester!", "hello-examples-hello", "uid 1000: not root", "lo, and", "README.md"]
        {
            greeting.check(greeting.stdout.contains(expected), || format!("no {expected:?}"));
        }
        run(&project, engine, &["hello", "-c", "id -u"]).status(0).stdout_is("1000\n");
        engine.docker(&["rmi", "hello-examples-hello:tester"]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn dev_sees_an_edit_while_it_runs() {
    for engine in engines_with_python() {
        let project = copied_to("live");
        build(&project, engine, &["base", "dev"]).status(0);
        let waits = "sh -c 'touch started; until grep -q Servus greeter/__init__.py; do sleep 0.1; done; \
                     python -m greeter Ada'";
        let running = project.command("run-image").args(["dev", "-c", waits]).uses(engine).spawn();
        wait_for_file(&project, "started");
        edit(&project, "greeter/__init__.py", "Hello", "Servus");
        running.wait().status(0).stdout_is("Servus, Ada! This is greeter 0+unknown.\n");
    }
}

#[track_caller]
fn wait_for_file(project: &Project, name: &str) {
    let found = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        project.root().join(name).exists()
    });
    assert!(found, "the container has not written {name} into the mounted project");
}

#[test]
#[ignore = "needs root: private engine"]
fn cicd_and_prod_report_the_version_of_the_version_file() {
    for engine in engines_with_python() {
        let project = released_as("v1.2.3");
        let built = build(&project, engine, &["prod", "cicd", "base"]);
        built.status(0).stderr_has("docker run --rm version-cicd:tester");
        let written = fs::read_to_string(project.root().join("_version.py.bld")).unwrap();
        assert!(written.contains("1.2.3"), "{written}");
        run(&project, engine, &["cicd"]).status(0).stdout_is("Hello, world! This is greeter 1.2.3.\n");
        run(&project, engine, &["prod"]).status(0).stdout_is("Hello, production! This is greeter 1.2.3.\n");
        run(&project, engine, &["prod", "-a", "--entrypoint=id", "-c", "-u"]).status(0).stdout_is("1000\n");
        engine.docker(&["image", "inspect", "version-cicd-builder:tester"]);
    }
}

/// Copies the project into a git repository whose only commit has this tag.
fn released_as(tag: &str) -> Project {
    let project = copied_to("version");
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"];
        project.program("git").args(identity).args(args).run().status(0);
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=Release"]);
    git(&["tag", tag]);
    project
}

#[test]
#[ignore = "needs root: private engine"]
fn a_failing_test_fails_the_build_of_cicd() {
    for engine in engines_with_python() {
        let project = copied_to("failing");
        edit(&project, "greeter/__init__.py", "Hello", "Good day");
        let built = build(&project, engine, &["base", "cicd"]);
        let output = format!("{}{}", built.stdout, built.stderr);
        built.check(built.status != 0, || "the build succeeded".to_owned());
        built.check(output.contains("(failures=1)"), || "the build failed for another reason".to_owned());
        assert_eq!(engine.docker(&["images", "-q", "failing-cicd"]), "");
    }
}

/// The build installs no packages, which would need a network, and the GPU runtime needs no GPU.
#[test]
#[ignore = "needs root: private engine"]
fn tensorflow_uses_the_environment_that_the_flags_select() {
    for engine in engines_with_python() {
        let project = copied_to("tensors");
        let dockerfile = fs::read_to_string(project.root().join("docker/tensorflow/Dockerfile")).unwrap();
        let lines =
            dockerfile.lines().map(|line| if line.contains("pip install") { "    && true" } else { line });
        let project = project.dockerfile("tensorflow", lines.collect::<Vec<_>>().join("\n"));
        edit(&project, "docker/dockerutils.cfg", "gpu=--gpus all", "gpu=--runtime=nvidia");
        edit(&project, "docker/dockerutils.cfg", "gpu_mode=gpus", "gpu_mode=runtime");
        build(&project, engine, &["tensorflow"]).status(0);
        let prefix = "python -c 'import sys; print(sys.prefix)'";
        for (flags, environment) in [
            (&[][..], "/opt/cpu\n"),
            (&["-g"][..], "/opt/gpu\n"),
            (&["-g", "--gpus", "2,4"][..], "/opt/gpu\n"),
        ] {
            let args = [flags, &["tensorflow", "-c", prefix]].concat();
            run(&project, engine, &args).status(0).stdout_is(environment);
        }
        let refused = run(&project, engine, &["tensorflow", "-e", "COMPUTE=tpu"]);
        refused.status(1).stderr_has("COMPUTE is 'tpu'");
    }
}
