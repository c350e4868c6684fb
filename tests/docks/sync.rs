//! `sync-up` and `sync-down` between a local project and a real dock.

mod connection;
mod failures;
mod workspaces;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dockerutils_sync::Ignore;
use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::{Invocation, Project};

use super::{command, messages, printed, register};

/// Creates a project and registers the dock as `gpu`. Tests share the dock, so each needs a project name of its own.
fn project(dock: &Dock, name: &str) -> Project {
    let project = Project::named(name);
    register(&project, dock).arg("gpu").run().status(0);
    project
}

fn up(project: &Project, dock: &Dock) -> Invocation {
    command(project, dock, "sync-up").arg("gpu")
}

fn down(project: &Project, dock: &Dock) -> Invocation {
    command(project, dock, "sync-down").arg("gpu")
}

/// Returns the path of a file in the project's workspace on the dock.
fn remote(project: &Project, dock: &Dock, path: &str) -> PathBuf {
    // The workspace has the project's name as images have it, so that `{project}` leads there.
    let found = dockerutils_project::Project::at(project.root().to_path_buf()).expect("a project");
    dock.root().join("data/workspaces/tester/code").join(found.name().expect("a name")).join(path)
}

/// Writes a file with a later time than that of the last sync.
fn change(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options().write(true).open(path).and_then(|file| file.set_modified(later)).expect("a time");
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
#[ignore = "needs root: dock"]
fn files_with_special_characters_in_their_names_go_up_and_come_down() {
    let dock = dock();
    let project = project(dock, "it's My \"proj\" $HOME")
        .file(".dockerignore", "*.log\n")
        .file("a 'b'/c\"d", "here")
        .file("x.log", "here");
    let outcome = up(&project, dock).run();
    outcome.status(0).stdout_is("").stderr_lacks("warning");
    assert_eq!(read(remote(&project, dock, "a 'b'/c\"d")).as_deref(), Some("here"));
    assert_eq!(read(remote(&project, dock, "x.log")), None);
    change(&remote(&project, dock, "a 'b'/c\"d"), "there");
    change(&remote(&project, dock, ".new"), "there");
    change(&remote(&project, dock, "y.log"), "there");
    let outcome = down(&project, dock).run();
    outcome.status(0).stdout_is(".new\na 'b'/c\"d\n");
    assert_eq!(messages(&outcome, "sync-down"), ["fetched 2 files from gpu"]);
    assert_eq!(read(project.root().join("a 'b'/c\"d")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join(".new")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join("x.log")).as_deref(), Some("here"));
    assert_eq!(read(project.root().join("y.log")), None);
}

#[test]
#[ignore = "needs root: dock"]
fn the_pasted_echo_does_the_same() {
    let dock = dock();
    let project = project(dock, "pasted 'here'").file("a", "1");
    let outcome = up(&project, dock).run();
    // The first command compares, the last one sends.
    let echoed = outcome.status(0).echoed();
    let echo = echoed.last().expect("an echo");
    let project = project.file("a", "22");
    project.program("bash").env("PATH", dock.path()).args(["-c", echo]).run().status(0);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("22"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_lists_changes_and_makes_none() {
    let dock = dock();
    let project = project(dock, "listed").file("a b", "1").file("c/d", "1");
    up(&project, dock).arg("--dry-run").run().status(0).stdout_is("a b\nc/d\ndocker/dockerutils.cfg\n");
    assert!(!remote(&project, dock, "").exists());
    up(&project, dock).run().status(0);
    fs::remove_file(project.root().join("c/d")).expect("a file");
    up(&project, dock).args(["--delete", "--dry-run"]).run().status(0).stdout_is("deleting c/d\n");
    change(&remote(&project, dock, "new"), "there");
    let status = command(&project, dock, "sync-status").arg("gpu").run();
    status.status(0).stdout_is("down  new\ngone  c/d\n");
    // Not even what it would list if the dock were empty.
    let dry_run = command(&project, dock, "sync-status").args(["gpu", "--dry-run"]).run();
    dry_run.status(0).stdout_is("").stderr_has("rsync --dry-run");
    down(&project, dock).arg("--dry-run").run().status(0).stdout_is("new\n");
    assert_eq!(read(project.root().join("new")), None);
    up(&project, dock).arg("--delete").run().status(0);
    assert!(!remote(&project, dock, "c/d").exists() && remote(&project, dock, "new").exists());
    assert!(remote(&project, dock, "a b").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn files_that_changed_on_both_sides_are_named_and_kept() {
    let dock = dock();
    let mut project = project(dock, "conflicts");
    for number in 10..22 {
        project = project.file(format!("file {number}"), "old");
    }
    up(&project, dock).run().status(0);
    for number in 10..22 {
        change(&remote(&project, dock, &format!("file {number}")), "there!");
        project = project.file(format!("file {number}"), "here");
    }
    change(&remote(&project, dock, "new"), "there");
    let outcome = down(&project, dock).run();
    let names: Vec<String> = (10..20).map(|number| format!("'file {number}'")).collect();
    let conflicts = format!(
        "not overwritten, because they changed both locally and on the dock: {}, and 2 more; `sync-down gpu --force` \
         overwrites them",
        names.join(", ")
    );
    outcome.status(1);
    assert_eq!(messages(&outcome, "sync-down"), ["fetched 1 file from gpu", &conflicts]);
    assert_eq!(read(project.root().join("new")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join("file 10")).as_deref(), Some("here"));
    down(&project, dock).arg("--force").run().status(0);
    assert_eq!(read(project.root().join("file 21")).as_deref(), Some("there!"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_version_file_goes_up_and_is_never_fetched() {
    let dock = dock();
    let project = project(dock, "versioned")
        .file("setup.cfg", "[versioneer]\nVCS = git\nversionfile_source = pkg/_version.py\n")
        .file("pkg/_version.py", "run git");
    up(&project, dock).run().status(0);
    let built = read(project.root().join("_version.py.bld"));
    assert!(built.as_ref().is_some_and(|text| text.contains("get_versions")));
    assert_eq!(read(remote(&project, dock, "pkg/_version.py")), built);
    change(&remote(&project, dock, "pkg/_version.py"), "there");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("pkg/_version.py")).as_deref(), Some("run git"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_time_zone_does_not_change_the_result() {
    let dock = dock();
    let mut project = project(dock, "zones").file("a", "1");
    for zone in ["UTC", "America/New_York", "<+0330>-3:30", ":Asia/Kolkata", ""] {
        up(&project, dock).env("TZ", zone).run().status(0);
        project = project.file("a", zone);
        let outcome = down(&project, dock).env("TZ", zone).run();
        assert_eq!(messages(outcome.status(0), "sync-down"), ["fetched 0 files from gpu"], "{zone}");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn the_messages_count_and_name_what_was_done_and_left() {
    let dock = dock();
    let project = project(dock, "counted").file("gone", "1").file("theirs", "1").file("stays", "1");
    let outcome = up(&project, dock).run();
    let bytes = printed(&project, outcome.status(0));
    assert!(bytes < 1_200, "{bytes} bytes: {}", outcome.stderr);
    fs::remove_file(project.root().join("gone")).expect("a file");
    change(&remote(&project, dock, "theirs"), "there");
    change(&remote(&project, dock, "made"), "there");
    let lines = messages(up(&project, dock).arg("--delete").run().status(0), "sync-up");
    assert!(lines[0].starts_with("0 files, 0 B to gpu in "), "{lines:?}");
    assert!(
        lines[0]
            .ends_with("; 1 deleted there; 1 file changed on gpu and was left (`sync-down gpu` fetches it)"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "not deleted, because they were made or changed on gpu: made");
    change(&remote(&project, dock, "stays"), "there");
    let lines = messages(up(&project, dock).run().status(0), "sync-up");
    assert!(
        lines[0].ends_with("; 2 files changed on gpu and were left (`sync-down gpu` fetches them)"),
        "{lines:?}"
    );
    // What programs run by themselves is named, and so is a file in the place of a folder.
    change(&remote(&project, dock, ".envrc"), "there");
    change(&remote(&project, dock, "kind"), "there");
    let project = project.file("kind/file", "here");
    let status = command(&project, dock, "sync-status").arg("gpu").run();
    status.status(0).stdout_is("down  .envrc\ndown  made\ndown  stays\ndown  theirs\nkind  kind\n");
    let lines = messages(down(&project, dock).run().status(1), "sync-down");
    let look =
        "warning: look at these before you go on, because programs run or follow them by themselves: .envrc";
    assert_eq!(lines[..2], ["fetched 4 files from gpu", look]);
}

/// The patterns in the table of docs/sync.md are valid, and those that the page calls invalid are invalid.
#[test]
fn the_patterns_in_the_documentation_are_correct() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sync.md");
    let page = read(page).expect("docs/sync.md");
    let table =
        page.split("| pattern | matches |").nth(1).expect("a table").split("\n\n").next().expect("its rows");
    let patterns: Vec<&str> = table
        .lines()
        .skip(2)
        .flat_map(|row| row.split('|').nth(1).expect("a cell").split('`').skip(1).step_by(2))
        .collect();
    assert!(patterns.len() >= 11, "{patterns:?}");
    for pattern in patterns {
        assert!(Ignore::parse(pattern).is_ok(), "{pattern}");
    }
    for pattern in ["[a", "!", r"data\logs"] {
        assert!(page.contains(&format!("`{pattern}`")) && Ignore::parse(pattern).is_err(), "{pattern}");
    }
}
