//! `run-image` on real engines: exit status, streams, mounts, ports, networks, variables.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use dockerutils_testkit::{Engine, Invocation, Project, engines};

/// A project whose one image is busybox. Containers are named by image and second: each test takes a name of its own.
pub(crate) fn project(image: &str) -> Project {
    Project::named("it's a $proj").cfg(format!("[run_image]\nsynthetic_images={image}\n{}", section(image, "")))
}

/// The image's section, with further keys.
pub(crate) fn section(image: &str, keys: &str) -> String {
    format!("[{image}]\nname=busybox:latest\nprefix=False\n{keys}\n")
}

pub(crate) fn with_keys(image: &str, keys: &str) -> Project {
    let project = project(image);
    let cfg = format!("[run_image]\nsynthetic_images={image}\n{}", section(image, keys));
    project.cfg(cfg)
}

pub(crate) fn run(project: &Project, engine: &Engine, args: &[&str]) -> Invocation {
    project.command("run-image").args(args).engine(engine)
}

/// The names of all containers of an image, running or not.
pub(crate) fn containers(engine: &Engine, image: &str) -> String {
    engine.docker(&["ps", "-a", "--filter", &format!("name=tester_{image}_"), "--format", "{{.Names}}"])
}

#[test]
fn the_exit_status_is_dockers() {
    for engine in engines() {
        let project = project("status");
        for (args, status) in [
            (&["-c", "true"][..], 0),
            (&["-c", "sh -c 'exit 7'"], 7),
            (&["-c", "sh -c 'kill -9 $$'"], 137),
            (&["-a", "--no-such-flag"], 125),
            (&["-n", "no-such-network"], 125),
            (&["-c", "/etc"], 126),
            (&["-c", "no-such-program"], 127),
        ] {
            run(&project, engine, &[&["status"], args].concat()).run().status(status);
        }
        assert_eq!(containers(engine, "status"), "");
    }
}

#[test]
fn standard_input_and_output_are_the_containers_alone() {
    for engine in engines() {
        let project = project("streams").file("x", "x and nothing else\n");
        let text = "first\nsecond without an end";
        run(&project, engine, &["streams", "-c", "cat"]).stdin(text).run().status(0).stdout_is(text);
        let line = "\"$0\" streams -a \"-v '$PWD':/etc/conf\" -c 'cat /etc/conf/x' > y";
        let line = line.replace("'$PWD'", "$PWD/docker/..");
        let _ = line;
        let mount = format!("--volume={}:/conf", "/tmp");
        let _ = mount;
        let redirected = project
            .program("sh")
            .args(["-c", "\"$0\" streams -a '--tmpfs /conf' -c 'sh -c \"echo x; echo noise >&2\"' > y"])
            .arg(env!("CARGO_BIN_EXE_run-image"))
            .engine(engine)
            .run();
        redirected.status(0).stdout_is("").stderr_has("noise");
        assert_eq!(std::fs::read_to_string(project.root().join("y")).unwrap(), "x\n");
    }
}
