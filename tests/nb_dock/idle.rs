//! Servers that nobody uses.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use dockerutils_command::Command;
use dockerutils_notebook::{REMOTE_SCRIPT, RemoteAction, RemoteRequest, RemoteServer};
use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::poll_until;

use super::{User, jupyter_dock, jupyter_processes};

/// Jupyter looks once a minute whether it is idle.
const LOOK_OFTEN: &str = "import tornado.ioloop
rarely = tornado.ioloop.PeriodicCallback
tornado.ioloop.PeriodicCallback = lambda callback, milliseconds: rarely(callback, min(milliseconds, 500))
";

/// Starts the only server of a dock with the script of nb-dock, and asserts that it ends by itself. `nb-dock --idle` takes a
/// minute at least.
#[track_caller]
pub(super) fn assert_idle_server_ends(dock: &Dock) {
    fs::write(dock.root().join("srv/server.sh"), REMOTE_SCRIPT).expect("the script");
    fs::write(dock.root().join("srv/look_often.py"), LOOK_OFTEN).expect("a configuration");
    let request = RemoteRequest {
        action: RemoteAction::Start,
        owner: "eli".to_owned(),
        folder: None,
        copy: None,
        tcp: false,
        program: None,
        idle: Some(2),
        copies: false,
        flags: vec!["--config=/srv/look_often.py".to_owned()],
    };
    let script = Command::new("sh").arg("/srv/server.sh").args(request.arguments());
    let mut ssh = dock.ssh("ubuntu");
    let mut running =
        ssh.arg(script.to_shell()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("ssh");
    running.stdin.take().expect("a pipe").write_all(b"token\n").expect("the token");
    let output = running.wait_with_output().expect("an end").stdout;
    let servers = RemoteServer::parse_list(&output).expect("a server");
    assert!(servers[0].is_new && servers[0].has_socket(), "{servers:?}");
    let ended = poll_until(|| jupyter_processes(dock).is_empty().then_some(()));
    assert!(ended.is_some(), "{:?}", jupyter_processes(dock));
}

#[test]
#[ignore = "needs root: dock"]
fn an_idle_server_ends() {
    let dock = Dock::start("idle", Version::V20).expect("a dock");
    dock.unpack_jupyter();
    dock.link_jupyter("/usr/local/bin");
    assert_idle_server_ends(&dock);
}

#[test]
#[ignore = "needs root: dock"]
fn an_idle_server_gets_the_time_after_which_it_ends() {
    let dock = jupyter_dock();
    let user = User::new("ida", dock);
    user.nb_dock().args(["--idle", "0.02", "--no-browser"]).run().status(0);
    let processes = jupyter_processes(dock);
    for class in ["ServerApp", "NotebookApp"] {
        let option = format!("--{class}.shutdown_no_activity_timeout=72");
        assert!(processes.iter().any(|line| line.contains(&option)), "{processes:?}");
    }
}
