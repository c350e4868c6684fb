//! `sync-up` and `sync-down` between a local project and a real dock.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dockerutils_sync::Ignore;
use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Invocation, Project, Signal, poll_until};
use nix::fcntl::{Flock, FlockArg};

use super::{command, file, messages, register, registered};

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
    outcome.status(0).stdout_is("");
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
    let [echo] = &outcome.status(0).echoed()[..] else { panic!("{}", outcome.stderr) };
    let project = project.file("a", "22");
    project.program("bash").env("PATH", dock.path()).args(["-c", echo]).run().status(0);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("22"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_lists_changes_and_makes_none() {
    let dock = dock();
    let project = project(dock, "listed").file("a b", "1").file("c/d", "1");
    up(&project, dock).arg("--dry-run").run().status(0).stdout_is("a b\nc/d\n");
    assert!(!remote(&project, dock, "").exists());
    up(&project, dock).run().status(0);
    fs::remove_file(project.root().join("c/d")).expect("a file");
    up(&project, dock).args(["--delete", "--dry-run"]).run().status(0).stdout_is("deleting c/d\n");
    change(&remote(&project, dock, "new"), "there");
    down(&project, dock).arg("--dry-run").run().status(0).stdout_is("new\n");
    assert_eq!(read(project.root().join("new")), None);
    up(&project, dock).arg("--delete").run().status(0);
    assert!(!remote(&project, dock, "c/d").exists() && !remote(&project, dock, "new").exists());
    assert!(remote(&project, dock, "a b").exists());
}

/// `head` closes the pipe after the first line, which is no error. A full disk loses lines, which is one.
#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_fails_if_its_list_cannot_be_written() {
    let dock = dock();
    let mut project = project(dock, "unlisted").file("local", "1");
    up(&project, dock).run().status(0);
    change(&remote(&project, dock, "remote"), "1");
    for number in 0..2000 {
        project = project.file(format!("new/{number}"), "1");
    }
    for (name, binary) in
        [("sync-up", env!("CARGO_BIN_EXE_sync-up")), ("sync-down", env!("CARGO_BIN_EXE_sync-down"))]
    {
        let bash = |redirection: &str| {
            let line = format!("set -o pipefail; '{binary}' gpu --dry-run {redirection}");
            project.program("bash").env("PATH", dock.path()).args(["-c", &line]).run()
        };
        let full = bash(">/dev/full");
        let message = &messages(full.status(1), name)[0];
        assert!(message.contains("No space left on device"), "{message}");
        bash("| head -1").status(0);
        bash("| true").status(0);
    }
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
        "not overwritten, because they changed both locally and on the dock: {}, and 2 more; `sync-down --force` \
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
        .file("pkg/_version.py", "ask git");
    up(&project, dock).run().status(0);
    let built = read(project.root().join("_version.py.bld"));
    assert!(built.as_ref().is_some_and(|text| text.contains("get_versions")));
    assert_eq!(read(remote(&project, dock, "pkg/_version.py")), built);
    change(&remote(&project, dock, "pkg/_version.py"), "there");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("pkg/_version.py")).as_deref(), Some("ask git"));
}

#[test]
#[ignore = "needs root: dock"]
fn sync_up_uses_the_connection_of_the_session() {
    let dock = Dock::start("sync", Version::V20).expect("a dock");
    let project = project(&dock, "docked").file("a", "1");
    let script = "source dock gpu && touch docked && until [ -e go ]; do sleep 0.05; done && sync-up";
    let commands = Path::new(env!("CARGO_BIN_EXE_sync-up")).parent().expect("a folder");
    let folders = [Path::new(env!("CARGO_MANIFEST_DIR")).join("shell"), commands.to_owned()];
    let path = env::join_paths(folders.into_iter().chain(env::split_paths(&dock.path()))).expect("a PATH");
    let bash = project
        .program("bash")
        .env("PATH", path)
        .args(["--norc", "--noprofile", "-c", script])
        .dir("docker")
        .spawn();
    let docked = project.root().join("docker/docked");
    poll_until(|| docked.exists().then_some(())).expect("a docked terminal");
    // From now on, sshd refuses new connections.
    dock.stop_ssh();
    fs::write(project.root().join("docker/go"), "").expect("a file");
    bash.wait().status(0);
    assert_eq!(read(remote(&project, &dock, "a")).as_deref(), Some("1"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_workspace_that_cannot_be_created_is_reported_with_the_remedy() {
    let dock = dock();
    let project = project(dock, "forbidden").file("a", "1");
    register(&project, dock).args(["gpu", "-u", "guest", "--no-check"]).run().status(0);
    let outcome = up(&project, dock).run();
    assert_eq!(
        messages(&outcome, "sync-up"),
        [
            "cannot create /data/workspaces/tester/code/forbidden on the dock: create the folder of all workspaces once, \
             with `ssh-dock gpu -- sudo sh -c 'mkdir -p /data/workspaces && chown guest /data/workspaces'`"
        ]
    );
    let outcome = down(&project, dock).run();
    assert_eq!(
        messages(&outcome, "sync-down"),
        ["the dock has no /data/workspaces/tester/code/forbidden: `sync-up gpu` creates it"]
    );
    outcome.status(1);
}

#[test]
#[ignore = "needs root: dock"]
fn unreadable_files_on_the_dock_are_reported_unless_they_are_excluded() {
    let dock = dock();
    let project = project(dock, "roots").file("a", "1");
    up(&project, dock).run().status(0);
    let made_by_root = "/data/workspaces/tester/code/roots/cache/deep";
    dock.exec(&["install", "-d", "-m", "700", made_by_root]);
    change(&remote(&project, dock, "new"), "there");
    let outcome = down(&project, dock).run();
    assert!(messages(outcome.status(1), "sync-down")[0].contains("add them to .dockerignore"));
    let project = project.file(".dockerignore", "**/deep\n");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("new")).as_deref(), Some("there"));
    up(&project, dock).arg("--delete").run().status(0);
    assert!(Path::new(&dock.root()).join(&made_by_root[1..]).exists());
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
fn a_missing_local_rsync_is_reported_with_the_remedy() {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    fs::write(file(&project, "192.0.2.1", "known_hosts"), "known").expect("a file");
    let outcome = project.command("sync-up").arg("gpu").no_docker().run();
    let message = ["rsync is not installed: get it with `sudo apt-get install rsync`"];
    assert_eq!(messages(outcome.status(1), "sync-up"), message);
}

#[test]
#[ignore = "needs root: dock"]
fn the_dock_is_named_or_that_of_the_terminal() {
    let project = Project::new();
    let outcome = project.command("sync-up").run();
    assert_eq!(
        messages(&outcome, "sync-up"),
        ["specify a dock (ls-dock lists them): this terminal is not docked"]
    );
    outcome.status(1);
    project.command("sync-down").arg("gpu").run().status(1).stderr_has("there is no dock `gpu`");
    let dock = dock();
    let project = self::project(dock, "current").file("a", "1");
    command(&project, dock, "sync-up").env("DOCKER_IP", dock.address().to_string()).run().status(0);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("1"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_first_connection_shows_the_fingerprint() {
    let dock = dock();
    let project = Project::named("first").file("a", "1");
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let first = up(&project, dock).run();
    let notes = messages(first.status(0), "sync-up");
    assert!(notes.len() == 1 && notes[0].contains("trusted from now on: SHA256:"), "{notes:?}");
    assert!(messages(up(&project, dock).run().status(0), "sync-up").is_empty());
}

#[test]
#[ignore = "needs root: dock"]
fn only_the_user_can_read_the_state_files() {
    use std::os::unix::fs::PermissionsExt;
    let dock = dock();
    let project = project(dock, "kept").file("a", "1");
    up(&project, dock).run().status(0);
    let folder = file(&project, &dock.address(), "sync");
    let mode = |path: &Path| fs::metadata(path).expect("kept").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("kept.json"))), (0o700, 0o600));
}

#[test]
#[ignore = "needs root: dock"]
fn a_signal_ends_the_wait_for_another_sync() {
    let dock = dock();
    let project = Project::named("waits").file("a", "1");
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let folder = file(&project, &dock.address(), "sync");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = fs::File::create(folder.join("waits.lock")).expect("a file");
    let _lock = Flock::lock(lock, FlockArg::LockExclusive).expect("a lock");
    let waiting = up(&project, dock).spawn();
    // The command handles signals itself only after it has started its first child process.
    waiting.wait_for_stderr("trusted from now on");
    waiting.signal(Signal::SIGINT);
    waiting.wait().status(130);
    assert!(!remote(&project, dock, "").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn unregistering_a_dock_removes_its_state_files() {
    let dock = dock();
    let project = project(dock, "forgotten").file("a", "1");
    up(&project, dock).run().status(0);
    assert!(file(&project, &dock.address(), "sync").exists());
    project.command("unregister-dock").arg("gpu").run().status(0);
    assert_eq!(registered(&project), [""; 0]);
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
