//! Docker and its engine.

use super::{project, refused};

#[test]
fn a_missing_docker_is_reported_except_in_a_dry_run() {
    let project = project();
    for command in ["build-image", "run-image"] {
        let sentence = format!(
            "{command}: docker is not installed: get it with `sudo apt-get install docker.io`, or follow https://docs.docker.com/engine/install/; check-dock shows more"
        );
        refused(project.command(command).arg("dev").no_docker(), 1, &sentence);
        // A dry run does not need docker.
        project.command(command).args(["dev", "--dry-run"]).no_docker().run().status(0);
    }
}

#[test]
fn an_engine_that_does_not_run_is_reported_after_dockers_own_message() {
    let project = project();
    let words = "Cannot connect to the Docker daemon. Is the docker daemon running?";
    for (command, status) in [("run-image", 125), ("build-image", 1)] {
        let docker = || project.command(command).arg("dev").docker_exits(status).docker_prints("", words);
        let closed = docker().env("DOCKER_HOST", "unix:///nowhere/docker.sock").run();
        closed.status(i32::from(status)).stderr_has(words);
        closed.stderr_has(&format!("{command}: no docker engine listens on /nowhere/docker.sock: start it with `sudo systemctl start docker`"));
        // There is no call but the user's own.
        assert_eq!(closed.calls.len(), 1);
        let elsewhere = docker().env("DOCKER_HOST", "tcp://127.0.0.1:1").run();
        elsewhere.status(i32::from(status)).stderr_has(words).stderr_lacks("no docker engine listens");
    }
}

#[test]
fn podman_under_the_name_docker_needs_no_engine() {
    let project = project()
        .executable("bin/docker", "#!/bin/sh\nexec podman \"$@\"\n")
        .executable("bin/podman", "#!/bin/sh\necho 'Error: no space left' >&2; exit 125\n");
    for command in ["run-image", "build-image"] {
        let invocation = project.command(command).arg("dev").path_first(&project.root().join("bin"));
        let outcome = invocation.env("DOCKER_HOST", "unix:///nowhere/docker.sock").run();
        outcome.status(125).stderr_has("no space left").stderr_lacks("no docker engine listens");
    }
}

#[test]
fn a_socket_without_permission_is_reported_with_the_remedy() {
    let project = project();
    let socket = project.home().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    std::fs::set_permissions(&socket, std::os::unix::fs::PermissionsExt::from_mode(0o0))
        .expect("permissions");
    let host = format!("unix://{}", socket.display());
    // Root may use every socket, unless it has lost its capabilities.
    let run_image = env!("CARGO_BIN_EXE_run-image");
    let invocation = if nix::unistd::geteuid().is_root() {
        project.program("setpriv").arg("--bounding-set=-all").arg(run_image)
    } else {
        project.command("run-image")
    };
    let outcome = invocation.arg("dev").docker_exits(125).env("DOCKER_HOST", host).run();
    outcome.status(125).stderr_has("join the docker group with `sudo usermod -aG docker $USER`");
}
