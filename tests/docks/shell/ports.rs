//! Ports of a container on a dock, opened on this machine.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::Signal;

use super::docked::{docked, free_port, project};
use super::{eventually, nothing_is_left, shell};

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

/// Whether sshd allows a forward takes a connection of its own: eight at a time.
#[test]
#[ignore = "needs root: dock"]
fn a_range_of_ports_is_checked_eight_at_a_time() {
    let dock = dock();
    let project = project(dock, "range", "ports=-p 42100-42119:8000-8019\ncmd=true\n");
    let outcome = docked(&project, dock, "build-image range -- -q && run-image range");
    outcome.status(0);
    for port in 42100..42120 {
        outcome.stderr_has(&format!("run-image: port {port} of gpu is localhost:"));
    }
    let attempts = outcome.stderr.matches(" -W localhost:421").count();
    outcome.check(attempts == 3, || format!("{attempts} groups of attempts"));
    outcome.stderr_has("and 7 likewise").stderr_has("and 3 likewise");
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

/// Fetches a page through a port of this machine's loopback.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(page)
}
