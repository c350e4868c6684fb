//! A dock with Notebook 6, and without JupyterLab.

use std::fs;

use dockerutils_testbed::{Dock, Version};
use serde_json::json;

use super::idle::assert_idle_server_ends;
use super::{User, jupyter_processes};
use crate::notebook::copies::Server;

#[test]
#[ignore = "needs root: dock"]
fn notebook_6_listens_on_a_private_socket_and_ends_when_it_is_idle() {
    let dock = Dock::start("classic", Version::V20).expect("a dock");
    dock.unpack_classic();
    dock.link_jupyter("/usr/local/bin");
    let user = User::new("ada", &dock);
    user.start().stderr_has("jupyter-notebook of /usr/local/bin on gpu, in /home/ubuntu: http://127.0.0.1:");
    let info = info_of_notebook_6(&dock);
    assert!(info["sock"].as_str().is_some_and(|path| path.starts_with("/home/ubuntu/")), "{info}");
    assert_eq!((info["port"].as_u64(), info["notebook_dir"].as_str()), (Some(0), Some("/home/ubuntu")));
    assert_eq!(listening_ports(&dock), ["22"]);
    let (url, before) = (user.url(), jupyter_processes(&dock));
    assert!(matches!(Server::of(&url).save("a.ipynb", "print(1)", &json!([])), 200 | 201));
    user.start();
    assert_eq!((user.url(), jupyter_processes(&dock)), (url, before));
    user.stop().status(0);
    assert_eq!(jupyter_processes(&dock), Vec::<String>::new());
    assert_idle_server_ends(&dock);
}

/// Returns what the only server has written about itself.
fn info_of_notebook_6(dock: &Dock) -> serde_json::Value {
    let state = dock.root().join("home/ubuntu/.local/state/dockerutils/notebooks");
    let folders = fs::read_dir(state).expect("the state").flatten();
    let files = folders.filter_map(|folder| fs::read_dir(folder.path().join("runtime")).ok());
    let paths = files.flat_map(|files| files.flatten().map(|file| file.path()));
    let is_info = |name: &str| name.starts_with("nbserver-") && name.ends_with(".json");
    let infos: Vec<_> =
        paths.filter(|path| path.file_name().is_some_and(|name| is_info(&name.to_string_lossy()))).collect();
    let [info] = infos.as_slice() else { panic!("one file: {infos:?}") };
    serde_json::from_slice(&fs::read(info).expect("the file")).expect("JSON")
}

/// Returns the ports of IPv4 that programs of a dock listen on; see proc_pid_net(5).
fn listening_ports(dock: &Dock) -> Vec<String> {
    const LISTEN: &str = "0A";
    let table = dock.exec(&["cat", "/proc/self/net/tcp"]);
    let lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let listening = lines.filter(|words| words[3] == LISTEN);
    let port = |words: Vec<&str>| {
        let hex = words[1].rsplit_once(':').expect("an address").1.to_owned();
        u16::from_str_radix(&hex, 16).expect("a port").to_string()
    };
    listening.map(port).collect()
}
