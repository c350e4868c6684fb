//! What lasts after the command has ended, and what `--stop` ends.

use std::fs;
use std::path::PathBuf;

use dockerutils_testbed::{Browser, Dock, EMPTY_NOTEBOOK, Lab, Version};
use dockerutils_testkit::{Signal, poll_until};

use super::{User, is_open, jupyter_dock, jupyter_processes, port_and_token};

#[test]
#[ignore = "needs root: dock"]
fn the_second_call_opens_the_first_server_and_stop_leaves_nothing() {
    let dock = Dock::start("kept", Version::V20).expect("a dock");
    dock.unpack_jupyter();
    dock.link_jupyter("/usr/local/bin");
    let user = User::new("ada", &dock);
    user.start().stderr_has("/usr/local/bin on gpu, in /home/ubuntu: http://127.0.0.1:").stderr_has(
        "(`nb-dock gpu --list --token` shows it with its token; goes on when you leave; `nb-dock gpu --stop` ends it)",
    );
    let url = user.url();
    let (port, _) = port_and_token(&url);
    user.start();
    assert_eq!(user.url(), url);
    assert!(is_open(port));
    let session = session(&dock).expect("a session");
    user.stop().status(0);
    assert_eq!(jupyter_processes(&dock), Vec::<String>::new());
    // The connection that has opened the port has ended. Another test may have taken the port meanwhile.
    assert!(!session.exists());
    let state = dock.root().join("home/ubuntu/.local/state/dockerutils/notebooks");
    let left: Vec<_> =
        fs::read_dir(state).expect("the state").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["lock"]);
    user.stop().status(1).stderr_has("no Jupyter of yours runs on gpu");
}

#[test]
#[ignore = "needs root: dock"]
fn a_kernel_survives_the_loss_of_the_connection() {
    let dock = jupyter_dock();
    fs::write(dock.root().join("home/ubuntu/a.ipynb"), EMPTY_NOTEBOOK).expect("a notebook");
    dock.exec(&["chown", "ubuntu:ubuntu", "/home/ubuntu/a.ipynb"]);
    let user = User::new("dora", dock);
    user.start();
    let notebook = |url: &str| url.replace("/?token=", "/lab/tree/a.ipynb?token=");
    let mut browser = Browser::start().expect("a browser");
    let mut lab = Lab::open(&mut browser, &notebook(&user.url())).expect("Lab");
    let output = lab.run("import os; x = 41; print(os.uname().nodename)").expect("an output");
    assert_eq!(output.trim(), "lab");
    lab.save().expect("saved");
    let before = jupyter_processes(dock);
    end_connection(&user);
    user.start();
    assert_eq!(jupyter_processes(dock), before);
    let mut lab = Lab::open(&mut browser, &notebook(&user.url())).expect("Lab");
    assert_eq!(lab.run("print(x + 1)").expect("an output").trim(), "42");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_needs_no_docker_and_its_port_is_opened_again_by_itself() {
    let dock = Dock::start("plain", Version::V20).expect("a dock");
    dock.unpack_jupyter();
    dock.link_jupyter("/usr/local/bin");
    let user = User::new("ada", &dock);
    dock.stop_docker();
    user.start();
    let (port, _) = port_and_token(&user.url());
    end_connection(&user);
    assert!(
        poll_until(|| (!is_open(port)).then_some(())).is_some(),
        "the port is closed with the connection"
    );
    assert!(poll_until(|| is_open(port).then_some(())).is_some(), "the watcher opens both again");
    user.stop().status(0);
}

/// Returns the folder of the dock's session.
fn session(dock: &Dock) -> Option<PathBuf> {
    let name = format!("{}-", dock.address());
    let sessions = fs::read_dir("/tmp/dockerutils-0").expect("sessions").flatten();
    sessions.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains(&name))
}

/// Ends the master connection, as a long sleep does.
fn end_connection(user: &User) {
    let socket = session(user.dock).expect("a session").join("ssh");
    user.project
        .program("ssh")
        .args(["-F", "none", "-S"])
        .arg(socket)
        .args(["-O", "exit", "x"])
        .run()
        .status(0);
}

#[test]
#[ignore = "needs root: dock"]
fn a_command_that_waits_closes_its_port_and_jupyter_goes_on() {
    let dock = jupyter_dock();
    let user = User::new("fred", dock);
    let running = user.nb_dock().args(["--wait", "--no-browser"]).spawn();
    running.wait_for_stderr("Ctrl-C closes the port here");
    running.signal(Signal::SIGINT);
    running.wait().status(130).stderr_has("Jupyter goes on; `nb-dock gpu --stop` ends it");
    assert_eq!(user.list()[0]["url"], serde_json::Value::Null);
    user.stop().status(0);
}
