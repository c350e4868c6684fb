//! Whose workspace a container on a dock gets.

use dockerutils_testbed::dock;
use dockerutils_testkit::Project;

use super::docked::docked;
use super::make_known;
use crate::docks::{command, register};

/// A container would get the files of the other folder, whether or not something is sent.
#[test]
#[ignore = "needs root: dock"]
fn a_run_does_not_get_the_files_of_another_folder() {
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
    for run in ["run-image --no-sync dev -c 'cat /x/a'", "run-image dev -c 'cat /x/a'"] {
        let outcome = docked(&second, dock, run);
        outcome.status(1).stderr_has(&format!(":{}, which is not this folder", first.root().display()));
        assert_eq!(outcome.stdout, "");
    }
    let outcome = docked(&first, dock, "run-image --no-sync dev -c 'cat /x/a'");
    assert_eq!(outcome.status(0).stdout, "first");
}
