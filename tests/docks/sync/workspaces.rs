//! Which workspace a folder has on a dock.

use std::fs;

use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::{Outcome, Project};

use super::{change, down, project, read, remote, up};
use crate::docks::{command, messages, register};

/// Returns a second clone of a project: another folder of the same name, for the same user.
fn second_clone(dock: &Dock, name: &str) -> Project {
    let clone = Project::named(name).file("a", "the second");
    register(&clone, dock).arg("gpu").run().status(0);
    clone
}

fn is_refused(outcome: &Outcome, name: &str, first: &Project) {
    let message = messages(outcome.status(1), name).pop().expect("a message");
    assert!(!outcome.stderr.contains("rsync error"), "{}", outcome.stderr);
    assert!(message.contains(&format!(":{}, which is not this folder", first.root().display())), "{message}");
}

#[test]
#[ignore = "needs root: dock"]
fn a_second_clone_is_refused_until_it_has_a_workspace_of_its_own() {
    let dock = dock();
    let first = project(dock, "cloned").file("a", "first");
    let second = second_clone(dock, "cloned");
    up(&first, dock).run().status(0);
    is_refused(&up(&second, dock).run(), "sync-up", &first);
    is_refused(&down(&second, dock).run(), "sync-down", &first);
    up(&second, dock).args(["--as", "cloned-2"]).run().status(0);
    // Later commands in the same folder need no name.
    let second = second.file("b", "later");
    up(&second, dock).run().status(0);
    let workspace = remote(&first, dock, "").with_file_name("cloned-2");
    assert_eq!(read(workspace.join("b")).as_deref(), Some("later"));
    change(&workspace.join("a"), "from the dock");
    down(&second, dock).run().status(0);
    assert_eq!(read(second.root().join("a")).as_deref(), Some("from the dock"));
    assert_eq!(read(remote(&first, dock, "a")).as_deref(), Some("first"));
    let outcome = up(&second, dock).args(["--as", "../x"]).run();
    assert!(messages(outcome.status(1), "sync-up")[0].contains("`../x` is not a valid workspace"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_workspace_can_be_anywhere() {
    let dock = dock();
    dock.exec(&["install", "-d", "-o", "ubuntu", "/srv/projects"]);
    let project = project(dock, "elsewhere")
        .cfg("[run_image]\nworkspace=/srv/projects/{project}\n[dev]\nvolumes=-v {project_root}/src:/x\n")
        .dockerfile("dev", "FROM scratch\n")
        .file("src/a", "1");
    up(&project, dock).run().status(0);
    assert_eq!(read(dock.root().join("srv/projects/elsewhere/src/a")).as_deref(), Some("1"));
    let outcome = command(&project, dock, "run-image")
        .args(["dev", "--dry-run", "--no-sync"])
        .env("DOCKER_HOST", format!("tcp://{}:2375", dock.address()))
        .env("DOCKER_IP", dock.address().to_string())
        .run();
    outcome.status(0).stderr_has("/srv/projects/elsewhere/src:/x");
}

/// A project that is the home folder has keys and passwords in it.
#[test]
#[ignore = "needs root: dock"]
fn keys_and_passwords_of_the_home_folder_are_not_sent() {
    let dock = dock();
    let project = Project::named("athome")
        .file(".dockerignore", "*\n!a\n!.ssh\n!.aws\n!.docker\n!.gnupg\n!x\n")
        .file(".ssh/id_ed25519", "secret")
        .file("x/.aws/credentials", "secret")
        .file(".gnupg/key", "secret")
        .file("a", "1");
    let at_home = |invocation: dockerutils_testkit::Invocation| invocation.env("HOME", project.root());
    at_home(register(&project, dock)).arg("gpu").run().status(0);
    at_home(up(&project, dock)).run().status(0);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("1"));
    for path in [".ssh", ".docker", ".gnupg", "x/.aws"] {
        assert!(!remote(&project, dock, path).exists(), "{path}");
    }
    change(&remote(&project, dock, ".ssh/authorized_keys"), "from the dock");
    at_home(down(&project, dock)).run().status(0);
    assert!(!project.root().join(".ssh/authorized_keys").exists());
    fs::remove_dir_all(remote(&project, dock, "")).expect("the workspace");
}
