//! Engines of docks that do not listen on the usual socket, or not for the user.

use std::fs;

use super::link::{VERSION, own_dock};
use super::{nothing_is_left, project_that_knows, shell};
use crate::docks::{command, file, register};

/// Rootless docker, podman, or a context of docker. The second session forwards the socket at once.
#[test]
#[ignore = "needs root: dock"]
fn an_engine_whose_socket_is_elsewhere_is_forwarded_as_the_usual_one() {
    let dock = own_dock("elsewhere", "");
    let project = project_that_knows(&dock);
    let record = file(&project, &dock.address(), "connection_config.txt");
    let mut before = "/run/docker.sock".to_owned();
    for socket in
        ["/run/user/1000/docker.sock", "/run/user/1000/podman/podman.sock", "/run/podman/podman.sock"]
    {
        dock.exec(&["mkdir", "-p", &socket[..socket.rfind('/').unwrap()]]);
        dock.exec(&["mv", &before, socket]);
        before = socket.to_owned();
        let listed = command(&project, &dock, "ls-dock").run();
        listed.status(0).check(listed.stdout.contains(" up "), || "up".to_owned());
        for searches in [true, false] {
            let script = format!("source dock gpu; echo ${{DOCKER_HOST%%:*}}; {VERSION}; castoff");
            let outcome = shell(&project, &dock, "bash", &script).run();
            let expected = format!("unix\n{}", dock.version().prefix());
            outcome.status(0).check(outcome.stdout.starts_with(&expected), || expected.clone());
            outcome.stderr_lacks("docker goes through ssh");
            assert_eq!(outcome.stderr.contains("sync/list-engines"), searches, "{}", outcome.stderr);
            nothing_is_left(&project);
        }
        // The record names the socket, so one probe is enough.
        let listed = command(&project, &dock, "ls-dock").run();
        listed.status(0).check(listed.stdout.contains(" up "), || "up".to_owned());
        let (echoed, probe) = (listed.echoed(), format!("docker -H unix://{socket} version"));
        assert!(echoed.len() == 1 && echoed[0].contains(&probe), "{echoed:#?}");
        let line = format!("DOCK_SOCKET={socket}\n");
        assert!(fs::read_to_string(&record).unwrap().contains(&line));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_who_may_use_docker_with_sudo_only_is_docked_through_sudo() {
    let dock = own_dock("sudo", "");
    dock.import_busybox("busybox:latest");
    let project = project_that_knows(&dock);
    register(&project, &dock).args(["gpu", "-u", "admin"]).run().status(0);
    let script = format!(
        "source dock gpu; echo ${{DOCKER_HOST%%:*}}; {VERSION} | cut -c 1-2
         echo typed | docker run -i --rm busybox:latest cat
         docker run --rm busybox:latest sh -c 'echo out; echo err >&2; exit 7' 2>/dev/null; echo $?; castoff"
    );
    let outcome = shell(&project, &dock, "bash", &script).run();
    let version: String = dock.version().prefix().chars().take(2).collect();
    outcome.status(0).stdout_is(&format!("unix\n{version}\ntyped\nout\n7\n"));
    nothing_is_left(&project);
}
