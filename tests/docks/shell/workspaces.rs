//! Whose workspace a container on a dock gets.

use dockerutils_testbed::dock;
use dockerutils_testkit::Project;

use super::docked::docked;
use super::make_known;
use crate::docks::{command, register};

#[test]
#[ignore = "needs root: dock"]
fn a_docked_run_uses_the_path_that_as_has_named() {
    let dock = dock();
    dock.exec(&["install", "-d", "-o", "ubuntu", "/srv/named"]);
    let project = Project::named("named")
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\nname=busybox:latest\nprefix=False\naws_env=no\nvolumes=-v {project_root}:/x\n")
        .file("a", "1");
    make_known(dock, &project);
    register(&project, dock).arg("gpu").run().status(0);
    let run = "run-image dev -c 'cat /x/a'";
    let outcome = docked(&project, dock, &format!("sync-up --as /srv/named/copy && printf 2 >a && {run}"));
    assert_eq!(outcome.status(0).stdout, "2");
    assert_eq!(std::fs::read_to_string(dock.root().join("srv/named/copy/a")).ok().as_deref(), Some("2"));
    outcome.stderr_has("/srv/named/copy:/x");
}

/// Without a sync, the user has decided: the container gets the files of the other folder, with a warning.
#[test]
#[ignore = "needs root: dock"]
fn a_run_gets_the_files_of_another_folder_only_without_a_sync() {
    let dock = dock();
    let clone = |text: &str| {
        let clone = Project::named("unsynced")
            .dockerfile("dev", "FROM scratch\n")
            .cfg("[dev]\nname=busybox:latest\nprefix=False\naws_env=no\nvolumes=-v {project_root}:/x\n")
            .file("a", text);
        make_known(dock, &clone);
        register(&clone, dock).arg("gpu").run().status(0);
        clone
    };
    let (first, second) = (clone("first"), clone("second"));
    command(&first, dock, "sync-up").arg("gpu").run().status(0);
    let of_first = format!(":{}, which is not this folder", first.root().display());
    let outcome = docked(&second, dock, "run-image dev -c 'cat /x/a'");
    outcome.status(1).stderr_has(&of_first);
    assert_eq!(outcome.stdout, "");
    let outcome = docked(&second, dock, "run-image --no-sync dev -c 'cat /x/a'");
    outcome.status(0).stderr_has("the container gets files of another folder").stderr_has(&of_first);
    assert_eq!(outcome.stdout, "first");
    let outcome = docked(&first, dock, "run-image --no-sync dev -c 'cat /x/a'");
    assert_eq!(outcome.status(0).stdout, "first");
}
