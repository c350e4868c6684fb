//! `run-image` with an image that is missing or outdated.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;

use super::{docker_lists, image, project};

#[test]
fn what_is_missing_or_outdated_is_built_first_in_the_order_of_from() {
    let project = project();
    let (old, new) = ("2020-01-01 00:00:00", "2999-01-01 00:00:00");
    let base = |created| image("proj-base", "tester", created);
    let dev = |created| image("proj-dev", "tester", created);
    for (listed, image, expected) in [
        (String::new(), "dev", &["proj-base:tester", "proj-dev:tester"][..]),
        (base(new), "dev", &["proj-dev:tester"]),
        (base(old) + &dev(new), "dev", &["proj-base:tester", "proj-dev:tester"]),
        (base(new) + &dev(new), "dev", &[]),
        (base(new) + &dev(old), "shell", &["proj-dev:tester"]),
        (String::new(), "python", &[]),
    ] {
        let invocation = project.command("run-image").args(["--build", image, "-c", "true"]);
        let outcome = docker_lists(&project, invocation, "", &listed).run();
        let built = outcome.status(0).calls.iter().filter(|call| call[0] == "build");
        let built: Vec<&str> = built.map(|call| call[2].as_str()).collect();
        assert_eq!(built, expected, "{image} {listed}");
        assert_eq!(outcome.calls.last().expect("a call")[0], "run");
        outcome.stdout_is("");
    }
    project.command("run-image").args(["--build", "dev", "-t", "1"]).run().status(2).calls_are(&[]);
}

#[test]
fn a_build_that_fails_ends_the_command() {
    let project = project();
    let outcome =
        project.command("run-image").args(["-b", "dev"]).docker_runs("test $1 != build || exit 4").run();
    outcome.status(4);
    assert!(outcome.calls.iter().all(|call| call[0] != "run"));
}

#[test]
fn a_dry_run_prints_every_build() {
    let outcome = project().command("run-image").args(["-b", "dev", "--dry-run"]).no_docker().run();
    let echoed = outcome.status(0).echoed();
    let starts = ["docker image ls", "docker build -t proj-base", "docker build -t proj-dev", "docker run"];
    assert_eq!(echoed.len(), starts.len(), "{echoed:?}");
    assert!(echoed.iter().zip(starts).all(|(line, start)| line.starts_with(start)), "{echoed:?}");
}

/// Answers one request for an image, as an engine that does not have it.
#[test]
fn an_image_that_the_engine_lacks_is_one_sentence_and_docker_is_not_called() {
    let project = project();
    let socket = project.home().join("docker.sock");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let engine = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let mut request = [0; 256];
        let length = connection.read(&mut request).expect("a request");
        connection.write_all(b"HTTP/1.0 404 Not Found\r\n\r\n").expect("an answer");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let host = format!("unix://{}", socket.display());
    let outcome = project.command("run-image").arg("dev").env("DOCKER_HOST", host).run();
    outcome.status(1).calls_are(&[]).stdout_is("");
    assert_eq!(
        outcome.stderr,
        "run-image: docker has no image proj-dev:tester: `build-image dev` makes it\n"
    );
    assert!(engine.join().expect("an engine").starts_with("GET /images/proj-dev:tester/json "));
}
