//! The port on this machine.

use std::net::TcpListener;

use super::{User, is_open, jupyter_dock, jupyter_processes, port_and_token};

#[test]
#[ignore = "needs root: dock"]
fn a_requested_port_replaces_the_open_one_unless_it_is_taken() {
    let user = User::new("lea", jupyter_dock());
    user.start();
    let (first, _) = port_and_token(&user.url());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let other = taken.local_addr().expect("an address").port();
    let with_port = || user.nb_dock().args(["--no-browser", "--port", &other.to_string()]).run();
    with_port().status(1).stderr_has(&format!("port {other}"));
    assert_eq!(port_and_token(&user.url()).0, first);
    assert!(is_open(first));
    drop(taken);
    with_port().status(0);
    assert_eq!(port_and_token(&user.url()).0, other);
    assert!(is_open(other) && !is_open(first));
}

#[test]
#[ignore = "needs root: dock"]
fn a_port_of_the_docks_loopback_is_used_on_request() {
    let dock = jupyter_dock();
    let user = User::new("mia", dock);
    user.nb_dock().args(["--no-browser", "--tcp", "--dir", "/srv"]).run().status(0);
    let processes = jupyter_processes(dock);
    let ours = processes.iter().find(|line| line.contains("--ServerApp.root_dir=/srv"));
    assert!(ours.is_some_and(|line| line.contains("--ServerApp.ip=127.0.0.1")), "{processes:?}");
}
