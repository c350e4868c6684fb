//! The copy of a project on the dock, and what is printed only.

use std::fs;

use dockerutils_testbed::EMPTY_NOTEBOOK;
use serde_json::json;

use super::{User, jupyter_dock};
use crate::notebook::copies::Server;

#[test]
#[ignore = "needs root: dock"]
fn the_projects_copy_is_sent_first_and_fetched_after_the_end() {
    let mut user = User::new("nat", jupyter_dock());
    user.project = user.project.clone().file("a.ipynb", EMPTY_NOTEBOOK).cfg("[run_image]\n");
    user.nb_dock().args(["--sync", "--no-browser"]).run().status(0).stderr_has("/code/");
    let server = Server::of(&user.url());
    assert!(matches!(server.save("a.ipynb", "print('there')", &json!([])), 200 | 201));
    user.nb_dock().args(["--stop", "--sync"]).run().status(0);
    let here = fs::read_to_string(user.project.root().join("a.ipynb")).expect("the notebook");
    assert!(here.contains("print('there')"), "{here}");
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_starts_nothing_and_its_lines_can_be_pasted() {
    let user = User::new("oda", jupyter_dock());
    let outcome = user.nb_dock().args(["--dry-run", "--no-browser"]).run();
    outcome.status(0);
    assert!(user.list().is_empty());
    // The line that runs the script on the dock; the first one opens the connection, which is open in a shell of ours.
    let echoed = outcome.echoed();
    let line = echoed.iter().find(|line| line.contains("--script")).expect("a line");
    let commands = std::path::Path::new(env!("CARGO_BIN_EXE_nb-dock")).parent().expect("a folder");
    let bash = |line: &str| {
        let shell = user.project.program("bash").args(["--norc", "--noprofile", "-c", line]);
        shell
            .env("PATH", user.dock.path())
            .path_first(commands)
            .env("LOGNAME", user.name)
            .env("USER", user.name)
    };
    let pasted = bash(&echoed.join("\n")).run();
    pasted.status(0);
    assert!(pasted.stdout.contains("{\"servers\":[{"), "{line}\n{}", pasted.stdout);
    assert_eq!(user.list().len(), 1);
}
