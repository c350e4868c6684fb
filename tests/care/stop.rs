//! `stop-image`.

use super::{container, docker_lists, name, project};

#[test]
fn the_containers_of_the_images_are_stopped_side_by_side() {
    let project = project();
    let (dev, own, base) = (name("dev", 3), "own", name("base", 1));
    let listed = container(&dev, "proj-dev:tester", "Up 2 hours", "")
        + &container(own, "proj-dev:tester", "Up 2 hours", "")
        + &container(&name("dev", 2), "proj-dev:tester", "Exited (0) 1 hour ago", "")
        + &container("tester_python_26-11-27_10.00.00", "python:3.12", "Up 1 hour", "")
        + &container("eve_python_26-11-27_10.00.00", "python:3.12", "Up 1 hour", "")
        + &container(&base, "proj-base:tester", "Up 3 hours", "");
    let stop =
        |args: &[&str]| docker_lists(&project, project.command("stop-image").args(args), &listed, "").run();
    let outcome = stop(&["dev"]);
    assert_eq!(outcome.status(0).calls[1], ["stop", &dev, own]);
    let outcome = stop(&["all", "-t", "1"]);
    let python = "tester_python_26-11-27_10.00.00";
    assert_eq!(outcome.status(0).calls[1], ["stop", "-t", "1", &dev, own, python, &base]);
    let outcome = stop(&["shell"]);
    outcome.status(0).stderr_has("stop-image: no container of shell runs\n");
    assert_eq!(outcome.calls.len(), 1);
    // Those that were stopped are still listed as running, as Docker 26 does for a moment.
    let outcome = stop(&["dev", "--rm"]);
    assert_eq!(outcome.status(0).calls[3], ["container", "rm", &dev, own, &name("dev", 2)]);
}

#[test]
fn all_is_ambiguous_if_an_image_has_that_name() {
    let project = project().dockerfile("all", "FROM scratch\n");
    let stop = |image: &str| {
        let listed = container(&name("all", 1), "proj-all:tester", "Up 1 hour", "")
            + &container(&name("dev", 1), "proj-dev:tester", "Up 1 hour", "");
        docker_lists(&project, project.command("stop-image").arg(image), &listed, "").run()
    };
    stop("all")
        .status(2)
        .calls_are(&[])
        .stderr_has("`all` is ambiguous, because the project has an image of that name");
    assert_eq!(stop("docker/all").status(0).calls[1], ["stop", &name("all", 1)]);
}

#[test]
fn a_container_that_has_been_removed_meanwhile_is_not_an_error() {
    let project = project();
    let listed = container(&name("dev", 1), "proj-dev:tester", "Up 2 hours", "");
    let listed = project.clone().file("containers", listed);
    let root = listed.root().display();
    for (message, status) in [
        ("Error response from daemon: No such container: x", 0),
        ("Error: No such container: x", 0),
        ("Error response from daemon: removal of container x is already in progress", 0),
        ("Error response from daemon: No such container: x\\nError response from daemon: cannot stop y", 1),
        ("", 1),
    ] {
        let script = format!(
            "case $1 in container) cat '{root}/containers' ;; stop) echo other; printf '{message}\\n' >&2; exit 1 ;; esac"
        );
        let outcome = project.command("stop-image").arg("dev").docker_runs(&script).run();
        outcome.status(status).stdout_is("other\n").stderr_lacks("No such container");
        if message.contains("cannot stop y") {
            outcome.stderr_has("Error response from daemon: cannot stop y\n");
        }
    }
}

#[test]
fn a_dry_run_stops_nothing() {
    let project = project();
    let outcome = project.command("stop-image").args(["all", "--rm", "--dry-run"]).no_docker().run();
    outcome
        .status(0)
        .stderr_has("stop-image: then `docker stop NAME` stops what runs of base, dev, shell, python\n");
    outcome.stderr_has("stop-image: then `docker container rm NAME` removes what is kept\n");
}
