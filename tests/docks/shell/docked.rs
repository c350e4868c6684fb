//! build-image and run-image in a docked terminal: mounts of the workspace, and ports on this machine.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Outcome, Project, Signal};

use super::{eventually, make_known, nothing_is_left, shell};

/// Creates a project with one image of busybox that has the project's name. The dock is shared by all tests: workspaces
/// have the names of projects, so each test has a project name of its own.
pub(super) fn project(dock: &Dock, name: &str, keys: &str) -> Project {
    let project = Project::named(name);
    make_known(dock, &project);
    project
        .dockerfile(name, "FROM busybox:latest\n")
        .file("data.txt", "first\n")
        .cfg(format!("[{name}]\naws_env=no\n{keys}"))
}

/// Runs a script in a docked bash.
pub(super) fn docked(project: &Project, dock: &Dock, script: &str) -> Outcome {
    let outcome = shell(project, dock, "bash", &format!("source dock gpu || exit 99\n{script}")).run();
    nothing_is_left(project);
    outcome
}

#[test]
#[ignore = "needs root: dock"]
fn a_mount_of_the_project_shows_the_latest_files() {
    let dock = dock();
    let project = project(dock, "live", "volumes=-v {project_root}:/project\n");
    let script = "build-image live -- -q && run-image live -c 'cat /project/data.txt' && echo second > data.txt && \
                  run-image live -c 'cat /project/data.txt' && echo third > data.txt && \
                  run-image --no-sync live -c 'cat /project/data.txt'";
    let outcome = docked(&project, dock, script);
    let lines: Vec<&str> = outcome.status(0).stdout.lines().skip(1).collect();
    assert_eq!(lines, ["first", "second", "second"]);
    let line = format!(
        "run-image: on gpu the mount of {} is that of /data/workspaces/tester/code/live\n",
        project.root().display()
    );
    outcome.check(outcome.stderr.matches(&line).count() == 3, || format!("not three times: {line}"));
}

/// A container is never kept from running because a file could not be sent.
#[test]
#[ignore = "needs root: dock"]
fn a_container_runs_although_files_are_left_alone() {
    let dock = dock();
    let project = project(dock, "leaves", "volumes=-v {project_root}:/project\n").file("other", "1");
    let there = "/data/workspaces/tester/code/leaves";
    let script = format!(
        "build-image leaves -- -q && sync-up && echo mine > data.txt && echo new > new && \
         ssh-dock -- sh -c 'echo theirs > {there}/data.txt; echo theirs > {there}/other; sudo install -d {there}/root' && \
         mkdir root && echo x > root/x && \
         run-image leaves -c 'sh -c \"cat /project/data.txt /project/other /project/new; exit 7\"'"
    );
    let outcome = docked(&project, dock, &script);
    let lines: Vec<&str> = outcome.status(7).stdout.lines().skip(1).collect();
    assert_eq!(lines, ["theirs", "theirs", "new"]);
    outcome
        .stderr_has("run-image: warning: not everything was sent to gpu: rsync could not read or write some files")
        .stderr_has("run-image: warning: not sent to gpu, because they changed there too: data.txt (`sync-up --force`")
        .stderr_has("run-image: 1 file changed on gpu is left as it is: sync-down brings it\n");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_sends_nothing() {
    let dock = dock();
    let project = project(dock, "dry", "volumes=-v {project_root}:/project\n");
    let script = "sync-up && echo mine > data.txt && run-image --dry-run dry && \
                  ssh-dock -- sh -c 'echo theirs > /data/workspaces/tester/code/dry/data.txt' && sync-down";
    let outcome = docked(&project, dock, script);
    outcome
        .status(1)
        .stderr_has("not overwritten, because they changed both locally and on the dock: data.txt");
    let sent = outcome
        .echoed()
        .iter()
        .filter(|line| line.contains("dry.files ") && !line.starts_with("env "))
        .count();
    outcome.check(sent == 2, || format!("{sent} times rsync is echoed: sync-up, run-image"));
    assert_eq!(fs::read_to_string(project.root().join("data.txt")).unwrap(), "mine\n");
}

#[test]
#[ignore = "needs root: dock"]
fn the_value_of_a_docked_key_is_not_redirected() {
    let dock = dock();
    let project =
        project(dock, "twin", "volumes=-v {project_root}:/project\nvolumes_docked=-v /etc:/project\n");
    let outcome =
        docked(&project, dock, "build-image twin -- -q && run-image twin -c 'cat /project/hostname'");
    let hostname = dock.exec(&["cat", "/etc/hostname"]);
    assert_eq!(outcome.status(0).stdout.lines().nth(1), Some(hostname.as_str()));
    outcome.stderr_lacks("rsync").stderr_lacks("the mount of");
}

/// Returns the warning about a path that the dock does not have.
fn warning(path: &str) -> String {
    format!("run-image: warning: gpu has no {path}, so that mount is an empty folder there")
}

#[test]
#[ignore = "needs root: dock"]
fn a_path_that_the_dock_does_not_have_is_a_warning() {
    let dock = dock();
    let project = project(
        dock,
        "lacks",
        "volumes=-v '/no such/folder:/a' -v /etc:/b:ro -v named:/c\nargs=-v /no/args:/d\n\
         [lacks-twin]\nname=lacks\naws_env=no\nvolumes=-v /etc:/a\nvolumes_docked=-v /no/twin:/a\n\
         [run_image]\nsynthetic_images=lacks-twin\n",
    );
    let script = "build-image lacks -- -q && run-image -a '-iv /no/flag:/e' lacks -c 'ls /a' && run-image lacks-twin -c true";
    let outcome = docked(&project, dock, script);
    outcome.status(0);
    let missing = ["/no such/folder", "/no/args", "/no/flag", "/no/twin"];
    for path in missing {
        outcome.stderr_has(&(warning(path) + "\n"));
    }
    outcome.check(outcome.stderr.matches("warning").count() == missing.len(), || {
        "only these paths are missing".to_owned()
    });
}

#[test]
#[ignore = "needs root: dock"]
fn a_path_that_the_workspace_does_not_have_is_a_warning() {
    let dock = dock();
    let keys = "volumes=-v {project_root}/data.txt:/data.txt -v {project_root}/left-out:/a\n";
    let project = project(dock, "partly", keys).file(".dockerignore", "left-out\n").file("left-out/file", "");
    let there = "/data/workspaces/tester/code/partly";
    // docker creates the folder of a mount that it does not find, so a path is missing once.
    let script = "build-image partly -- -q && run-image partly -c 'cat /data.txt'";
    let outcome = docked(&project, dock, script);
    outcome
        .status(0)
        .stderr_has(&(warning(&format!("{there}/left-out")) + ": does `.dockerignore` exclude it?\n"));
    outcome.check(outcome.stderr.matches("warning").count() == 1, || "one path is missing".to_owned());
    dock.exec(&["rm", "-r", there]);
    let outcome = docked(&project, dock, "run-image --no-sync partly -c true");
    let reason = ": was it never sent, or does `.dockerignore` exclude it?\n";
    for name in ["data.txt", "left-out"] {
        outcome.stderr_has(&(warning(&format!("{there}/{name}")) + reason));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_port_is_open_on_this_machine_while_the_container_runs() {
    let dock = dock();
    let port = free_port();
    let project = project(
        dock,
        "port",
        &format!(
            "volumes=-v {{project_root}}:/project\nports=-p {port}:8000\ncmd=httpd -f -p 8000 -h /project\n"
        ),
    );
    let script = "source dock gpu && build-image port -- -q && exec run-image port";
    let running = shell(&project, dock, "bash", script).spawn();
    running.wait_for_stderr(&format!("port {port} of gpu is localhost:{port}\n"));
    eventually("the page is served", || get(port, "/data.txt").is_some_and(|page| page.ends_with("first\n")));
    running.signal(Signal::SIGTERM);
    running.wait();
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok(), "the port is free again");
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn a_taken_port_is_replaced_and_no_forward_opens_none() {
    let dock = dock();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let project = project(dock, "taken", &format!("ports=-p {port}:8000\ncmd=true\n"));
    let outcome =
        docked(&project, dock, "build-image taken -- -q && run-image taken && run-image --no-forward taken");
    outcome.status(0).stderr_has(", because that port is taken on this machine\n");
    let count = outcome.stderr.matches(&format!("port {port} of gpu is localhost:")).count();
    outcome.check(count == 1, || format!("printed {count} times"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_port_that_only_root_may_open_is_replaced() {
    let dock = dock();
    let project = project(dock, "low", "ports=-p 81:8000\ncmd=true\n");
    // Without this capability root is an ordinary user.
    let user = if nix::unistd::geteuid().is_root() { "setpriv --bounding-set=-net_bind_service" } else { "" };
    let outcome = docked(&project, dock, &format!("build-image low -- -q && {user} run-image low"));
    outcome.status(0).stderr_has("run-image: port 81 of gpu is localhost:");
    outcome.stderr_has(", because only root may open that port on this machine\n");
}

#[test]
#[ignore = "needs root: dock"]
fn ports_that_are_not_tcp_are_reported() {
    let dock = dock();
    let project = project(dock, "unnumbered", "ports=-p 5353:53/udp\ncmd=true\n");
    let script = "build-image unnumbered -- -q && run-image unnumbered && run-image --no-forward unnumbered";
    let outcome = docked(&project, dock, script);
    let line = "run-image: not opened on this machine: -p 5353:53/udp (only TCP ports of gpu are)\n";
    outcome.status(0).check(outcome.stderr.matches(line).count() == 1, || format!("not once: {line}"));
}

/// Returns the local port of a container's port 8000, which docker has chosen, once it is announced.
fn announced(stderr: &str) -> Option<u16> {
    let rest = stderr.split(" of gpu (8000 of the container) is localhost:").nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[test]
#[ignore = "needs root: dock"]
fn a_port_that_docker_chooses_is_open_on_this_machine() {
    let dock = dock();
    let keys = "volumes=-v {project_root}:/project\ncmd=httpd -f -p 8000 -h /project\n";
    let project = project(dock, "chosen", keys);
    let log = project.root().join("log");
    for (number, flag) in ["-p 8000", "-p 127.0.0.1::8000", "-P --expose 8000"].into_iter().enumerate() {
        for detached in [false, true] {
            let name = format!("chosen-{number}-{detached}");
            let background = if detached { "-d" } else { "" };
            let script = format!(
                "source dock gpu && build-image chosen -- -q
                 run-image chosen -a '{flag} --name {name} {background}' 2>>log &
                 until [ -e stop ]; do sleep 0.1; done; docker rm -f {name} >/dev/null; wait; castoff"
            );
            let running = shell(&project, dock, "bash", &script).spawn();
            let mut port = None;
            eventually("the port is announced", || {
                port = fs::read_to_string(&log).ok().as_deref().and_then(announced);
                port.is_some()
            });
            eventually("the page is served", || {
                get(port.unwrap(), "/data.txt").is_some_and(|page| page.ends_with("first\n"))
            });
            fs::write(project.root().join("stop"), "").unwrap();
            running.wait();
            assert!(
                TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap())).is_ok(),
                "the port is free again"
            );
            nothing_is_left(&project);
            fs::remove_file(project.root().join("stop")).unwrap();
            fs::remove_file(&log).unwrap();
        }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_port_that_sshd_does_not_forward_is_not_announced() {
    let dock = Dock::builder("no-tcp", Version::V20).sshd_option("AllowTcpForwarding no");
    let dock = dock.start().expect("a dock");
    dock.import_busybox("busybox:latest");
    let project = project(&dock, "prohibited", &format!("ports=-p {}:8000\ncmd=true\n", free_port()));
    let outcome = docked(&project, &dock, "build-image prohibited -- -q && run-image prohibited");
    outcome.status(0).stderr_lacks(" is localhost:").stderr_has(
        " of gpu is not opened on this machine: sshd on gpu does not allow it (AllowTcpForwarding or PermitOpen in its \
         /etc/ssh/sshd_config)\n",
    );
}

#[test]
#[ignore = "needs root: dock"]
fn the_ports_of_a_detached_container_stay_until_castoff() {
    let dock = dock();
    let (port, other, kept) = (free_port(), free_port(), free_port());
    let keys = "volumes=-v {project_root}:/project\ncmd=httpd -f -p 8000 -h /project\n";
    let project = project(dock, "detached", keys);
    let script = format!(
        "source dock gpu && build-image detached -- -q
         run-image detached -a '--name detached-one -dp {port}:8000' &&
         run-image detached -a '--name detached-other --detach -p {other}:8000' &&
         ! run-image detached -k -a '-p {kept}:8000 --no-such-flag' && echo 'all three' >&2
         until [ -e stop ]; do sleep 0.1; done; castoff"
    );
    let running = shell(&project, dock, "bash", &script).spawn();
    running.wait_for_stderr("all three\n");
    for port in [port, other] {
        eventually("the page is served", || {
            get(port, "/data.txt").is_some_and(|page| page.ends_with("first\n"))
        });
    }
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, kept)).is_ok(), "nothing runs behind {kept}");
    fs::write(project.root().join("stop"), "").unwrap();
    running.wait().status(0);
    for port in [port, other] {
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok(), "{port} is free again");
    }
    nothing_is_left(&project);
    dock.exec(&["docker", "rm", "-f", "detached-one", "detached-other"]);
}

#[test]
#[ignore = "needs root: dock"]
fn the_exit_status_is_that_of_docker() {
    let dock = dock();
    let project = project(dock, "status", &format!("ports=-p {}:8000\n", free_port()));
    docked(&project, dock, "build-image status -- -q && run-image status -c 'sh -c \"exit 7\"'").status(7);
    // docker passes signals on to the container.
    for (ends, status) in [(0, 0), (9, 9)] {
        let waits = format!("trap \"exit {ends}\" INT; echo ready >&2; while :; do sleep 0.1; done");
        let script = "source dock gpu && exec run-image status -c \"sh -c '$WAITS'\"";
        let running = shell(&project, dock, "bash", script).env("WAITS", waits).spawn();
        running.wait_for_stderr("ready\n");
        running.signal(Signal::SIGINT);
        running.wait().status(status);
    }
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn the_size_of_a_large_context_is_printed() {
    let dock = dock();
    let project = project(dock, "large", "").file(".dockerignore", "left-out\n");
    for (name, megabytes) in [("a", 60), ("b/c", 50), ("left-out", 500), ("d", 1)] {
        let path = project.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().set_len(megabytes * 1000 * 1000).unwrap();
    }
    let outcome = docked(&project, dock, "build-image --dry-run large");
    outcome.status(0).stderr_has("build-image: the context that is sent to gpu has 112 MB in 7 files; ");
    outcome.stderr_has("the largest: a (60 MB), b/c (50 MB), d (1 MB), ");
    fs::remove_file(project.root().join("a")).unwrap();
    docked(&project, dock, "build-image --dry-run large").status(0).stderr_lacks("the context");
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Fetches a page through a port of this machine's loopback.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(page)
}
