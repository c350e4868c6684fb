//! Who can reach a server, and where its token is.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_testbed::{Dock, Version};

use super::{User, jupyter_dock, jupyter_processes, port_and_token};

#[test]
#[ignore = "needs root: dock"]
fn two_users_at_once_on_one_dock_get_servers_of_their_own() {
    let dock = jupyter_dock();
    // Two people who log in as the same user, and one with a login of their own.
    let users =
        [User::new("ann", dock), User::new("ann-b", dock), User::logging_in_as("admin", "cleo", dock)];
    thread::scope(|scope| {
        for user in &users {
            scope.spawn(|| user.start());
        }
    });
    let urls: BTreeSet<String> = users.iter().map(User::url).collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    let tokens: BTreeSet<String> = urls.iter().map(|url| port_and_token(url).1).collect();
    assert_eq!(tokens.len(), 3, "{urls:?}");
    // No server listens on a port of the dock, and its socket cannot even be seen by others.
    let processes = jupyter_processes(dock);
    let sockets: Vec<&str> = processes
        .iter()
        .filter(|line| line.contains("jupyter-lab"))
        .filter_map(|line| line.split("--ServerApp.sock=").nth(1))
        .filter_map(|rest| rest.split(' ').next())
        .collect();
    let of_admin = sockets.iter().find(|path| path.starts_with("/home/admin/")).expect("the socket of admin");
    let seen = dock.ssh("ubuntu").args(["ls", of_admin]).output().expect("ssh");
    assert!(!seen.status.success(), "{seen:?}");
    users[0].stop().status(0);
    assert_eq!(users[1].list().len(), 1);
}

#[test]
#[ignore = "needs root: dock"]
fn two_calls_at_once_start_one_server() {
    let dock = jupyter_dock();
    let user = User::new("gus", dock);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| user.start());
        }
    });
    assert_eq!(user.list().len(), 1);
}

#[test]
#[ignore = "needs root: dock"]
fn where_sshd_forwards_no_sockets_a_port_of_the_loopback_is_used() {
    let dock = Dock::builder("tcp", Version::V20)
        .sshd_option("AllowStreamLocalForwarding no")
        .start()
        .expect("a dock");
    dock.unpack_jupyter();
    dock.link_jupyter("/usr/local/bin");
    let user = User::new("ada", &dock);
    user.start()
        .stderr_has("sshd on gpu does not forward sockets, so Jupyter listens on a port of 127.0.0.1 there");
    let processes = jupyter_processes(&dock);
    assert_eq!(
        processes.iter().filter(|line| line.contains("--ServerApp.ip=127.0.0.1")).count(),
        1,
        "{processes:?}"
    );
    let url = user.url();
    user.start().stderr_lacks("does not forward sockets");
    assert_eq!(user.url(), url);
}

#[test]
#[ignore = "needs root: dock"]
fn the_token_is_in_no_argument_echo_or_log() {
    let dock = jupyter_dock();
    let user = User::new("hal", dock);
    let is_over = AtomicBool::new(false);
    let (seen, outcome) = thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !is_over.load(Ordering::Relaxed) {
                // The processes of the dock are in /proc of this machine too.
                seen.extend(command_lines());
            }
            seen
        });
        let outcome = user.start();
        user.start();
        is_over.store(true, Ordering::Relaxed);
        (watching.join().expect("the watching thread"), outcome)
    });
    let (_, token) = port_and_token(&user.url());
    assert!(seen.iter().any(|line| line.contains("jupyter-lab")), "the dock was watched");
    assert!(!seen.iter().any(|line| line.contains(&token)));
    outcome.stderr_lacks(&token);
    let state = dock.root().join("home/ubuntu/.local/state/dockerutils/notebooks");
    // Folders of the servers of other tests come and go meanwhile.
    let folders = fs::read_dir(state).expect("the state").flatten();
    let logs: Vec<_> =
        folders.filter_map(|folder| fs::read_to_string(folder.path().join("log")).ok()).collect();
    assert!(!logs.is_empty() && logs.iter().all(|log| !log.contains(&token)), "{logs:?}");
}

/// Returns the command lines of all processes.
fn command_lines() -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}
