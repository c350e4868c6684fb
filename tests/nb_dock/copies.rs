//! RESERO_JUPYTER_DIFFS: copies of saved notebooks, on the dock itself.

use std::fs;

use dockerutils_testkit::poll_until;
use serde_json::json;

use super::{User, jupyter_dock};
use crate::notebook::copies::Server;

#[test]
#[ignore = "needs root: dock"]
fn copies_of_saved_notebooks_are_made_on_request() {
    let dock = jupyter_dock();
    dock.exec(&["install", "-d", "-o", "ubuntu", "/home/ubuntu/with copies"]);
    let user = User::new("kit", dock);
    let start = |value: &str| {
        let command = user.nb_dock().args(["--no-browser", "--dir", "with copies"]);
        command.env("RESERO_JUPYTER_DIFFS", value).run().status(0);
        Server::of(&user.url())
    };
    let copy = |name: &str| fs::read_to_string(dock.root().join("home/ubuntu/with copies/.diffs").join(name));
    assert!(matches!(start("no").save("a.ipynb", "print(1)", &json!([])), 200 | 201));
    user.stop().status(0);
    assert!(copy("a.py").is_err());
    let server = start("1");
    assert!(matches!(server.save("a.ipynb", "print(2)", &json!([])), 200 | 201));
    let saved = poll_until(|| copy("a.py").ok().filter(|text| text.contains("print(2)")));
    assert!(saved.is_some(), "{:?}", copy("a.py"));
}
