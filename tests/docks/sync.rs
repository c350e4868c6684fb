//! sync-up and sync-down, between a project here and a real dock.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use dockerutils_sync::Ignore;
use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Invocation, Project, Signal};
use nix::fcntl::{Flock, FlockArg};

use super::{command, file, register, registered, said};

/// A project whose home knows the dock as `gpu`. The shared dock has room for one of each name.
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

/// A file of the project's folder on the dock.
fn there(project: &Project, dock: &Dock, path: &str) -> PathBuf {
    // The copy is called as images are, so that {project} leads there.
    let found = dockerutils_project::Project::at(project.root().to_path_buf()).expect("a project");
    dock.root().join("data/workspaces/tester/code").join(found.name().expect("a name")).join(path)
}

/// Writes a file there, as a later second would.
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
fn there_and_back_whatever_the_names_are() {
    let dock = dock();
    let project = project(dock, "it's My \"proj\" $HOME")
        .file(".dockerignore", "*.log\n")
        .file("a 'b'/c\"d", "here")
        .file("x.log", "here");
    let outcome = up(&project, dock).run();
    outcome.status(0).stdout_is("").stderr_lacks("warning");
    assert_eq!(read(there(&project, dock, "a 'b'/c\"d")).as_deref(), Some("here"));
    assert_eq!(read(there(&project, dock, "x.log")), None);
    change(&there(&project, dock, "a 'b'/c\"d"), "there");
    change(&there(&project, dock, ".new"), "there");
    change(&there(&project, dock, "y.log"), "there");
    let outcome = down(&project, dock).run();
    outcome.status(0).stdout_is("");
    assert_eq!(said(&outcome, "sync-down"), ["2 files came from gpu"]);
    assert_eq!(read(project.root().join("a 'b'/c\"d")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join(".new")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join("x.log")).as_deref(), Some("here"));
    assert_eq!(read(project.root().join("y.log")), None);
}

#[test]
#[ignore = "needs root: dock"]
fn the_echo_does_the_same_when_it_is_pasted() {
    let dock = dock();
    let project = project(dock, "pasted 'here'").file("a", "1");
    let outcome = up(&project, dock).run();
    let [echo] = &outcome.status(0).echoed()[..] else { panic!("{}", outcome.stderr) };
    let project = project.file("a", "22");
    project.program("bash").env("PATH", dock.path()).args(["-c", echo]).run().status(0);
    assert_eq!(read(there(&project, dock, "a")).as_deref(), Some("22"));
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_lists_and_does_nothing() {
    let dock = dock();
    let project = project(dock, "listed").file("a b", "1").file("c/d", "1");
    up(&project, dock).arg("--dry-run").run().status(0).stdout_is("a b\nc/d\n");
    assert!(!there(&project, dock, "").exists());
    up(&project, dock).run().status(0);
    fs::remove_file(project.root().join("c/d")).expect("a file");
    up(&project, dock).args(["--delete", "--dry-run"]).run().status(0).stdout_is("deleting c/d\n");
    change(&there(&project, dock, "new"), "there");
    down(&project, dock).arg("--dry-run").run().status(0).stdout_is("new\n");
    assert_eq!(read(project.root().join("new")), None);
    up(&project, dock).arg("--delete").run().status(0);
    assert!(!there(&project, dock, "c/d").exists() && !there(&project, dock, "new").exists());
    assert!(there(&project, dock, "a b").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn what_was_changed_on_both_sides_is_named_and_left() {
    let dock = dock();
    let mut project = project(dock, "conflicts");
    for number in 10..22 {
        project = project.file(format!("file {number}"), "old");
    }
    up(&project, dock).run().status(0);
    for number in 10..22 {
        change(&there(&project, dock, &format!("file {number}")), "there!");
        project = project.file(format!("file {number}"), "here");
    }
    change(&there(&project, dock, "new"), "there");
    let outcome = down(&project, dock).run();
    let names: Vec<String> = (10..20).map(|number| format!("'file {number}'")).collect();
    let told = format!(
        "left as they are, because they were changed here and on the dock: {}, and 2 more; `sync-down --force` \
         overwrites them",
        names.join(", ")
    );
    outcome.status(1);
    assert_eq!(said(&outcome, "sync-down"), ["1 file came from gpu", &told]);
    assert_eq!(read(project.root().join("new")).as_deref(), Some("there"));
    assert_eq!(read(project.root().join("file 10")).as_deref(), Some("here"));
    down(&project, dock).arg("--force").run().status(0);
    assert_eq!(read(project.root().join("file 21")).as_deref(), Some("there!"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_version_file_goes_and_stays() {
    let dock = dock();
    let project = project(dock, "versioned")
        .file("setup.cfg", "[versioneer]\nVCS = git\nversionfile_source = pkg/_version.py\n")
        .file("pkg/_version.py", "ask git");
    up(&project, dock).run().status(0);
    let built = read(project.root().join("_version.py.bld"));
    assert!(built.as_ref().is_some_and(|text| text.contains("get_versions")));
    assert_eq!(read(there(&project, dock, "pkg/_version.py")), built);
    change(&there(&project, dock, "pkg/_version.py"), "there");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("pkg/_version.py")).as_deref(), Some("ask git"));
}

#[test]
#[ignore = "needs root: dock"]
fn over_the_connection_of_a_session() {
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
    until(|| project.root().join("docker/docked").exists());
    // From now on a connection of its own would be refused.
    dock.stop_ssh();
    fs::write(project.root().join("docker/go"), "").expect("a file");
    bash.wait().status(0);
    assert_eq!(read(there(&project, &dock, "a")).as_deref(), Some("1"));
}

fn until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "it did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_folder_that_cannot_be_made_is_told_with_the_remedy() {
    let dock = dock();
    let project = project(dock, "forbidden").file("a", "1");
    register(&project, dock).args(["gpu", "-u", "guest", "--no-check"]).run().status(0);
    let outcome = up(&project, dock).run();
    assert_eq!(
        said(&outcome, "sync-up"),
        [
            "/data/workspaces/tester/code/forbidden cannot be made on the dock: make its first folders once, with `ssh-dock \
          gpu -- sudo sh -c 'mkdir -p /data/workspaces && chown guest /data/workspaces'`"
        ]
    );
    let outcome = down(&project, dock).run();
    assert_eq!(
        said(&outcome, "sync-down"),
        ["the dock has no /data/workspaces/tester/code/forbidden: `sync-up gpu` makes it"]
    );
    outcome.status(1);
}

#[test]
#[ignore = "needs root: dock"]
fn what_may_not_be_read_there_is_told_unless_it_is_left_out() {
    let dock = dock();
    let project = project(dock, "roots").file("a", "1");
    up(&project, dock).run().status(0);
    let made_by_root = "/data/workspaces/tester/code/roots/cache/deep";
    dock.exec(&["install", "-d", "-m", "700", made_by_root]);
    change(&there(&project, dock, "new"), "there");
    let outcome = down(&project, dock).run();
    assert!(said(outcome.status(1), "sync-down")[0].contains(".dockerignore leaves it out"));
    let project = project.file(".dockerignore", "**/deep\n");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("new")).as_deref(), Some("there"));
    up(&project, dock).arg("--delete").run().status(0);
    assert!(Path::new(&dock.root()).join(&made_by_root[1..]).exists());
}

#[test]
#[ignore = "needs root: dock"]
fn the_time_zone_does_not_matter() {
    let dock = dock();
    let mut project = project(dock, "zones").file("a", "1");
    for zone in ["UTC", "America/New_York", "<+0330>-3:30", ":Asia/Kolkata", ""] {
        up(&project, dock).env("TZ", zone).run().status(0);
        project = project.file("a", zone);
        let outcome = down(&project, dock).env("TZ", zone).run();
        assert_eq!(said(outcome.status(0), "sync-down"), ["0 files came from gpu"], "{zone}");
    }
}

#[test]
fn without_rsync_here_it_is_told_how_to_get_it() {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    fs::write(file(&project, "192.0.2.1", "known_hosts"), "known").expect("a file");
    let outcome = project.command("sync-up").arg("gpu").no_docker().run();
    let told = ["rsync is not installed: get it with `sudo apt-get install rsync`"];
    assert_eq!(said(outcome.status(1), "sync-up"), told);
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_is_named_or_current() {
    let project = Project::new();
    let outcome = project.command("sync-up").run();
    assert_eq!(
        said(&outcome, "sync-up"),
        ["say which dock you mean (ls-dock lists them): this terminal is docked to none"]
    );
    outcome.status(1);
    project.command("sync-down").arg("gpu").run().status(1).stderr_has("there is no dock `gpu`");
    let dock = dock();
    let project = self::project(dock, "current").file("a", "1");
    command(&project, dock, "sync-up").env("DOCKER_IP", dock.address().to_string()).run().status(0);
    assert_eq!(read(there(&project, dock, "a")).as_deref(), Some("1"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_first_time_a_fingerprint_is_shown() {
    let dock = dock();
    let project = Project::named("first").file("a", "1");
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let first = up(&project, dock).run();
    let told = said(first.status(0), "sync-up");
    assert!(told.len() == 1 && told[0].contains("trusted from now on: SHA256:"), "{told:?}");
    assert!(said(up(&project, dock).run().status(0), "sync-up").is_empty());
}

#[test]
#[ignore = "needs root: dock"]
fn what_is_kept_is_the_users_own() {
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
fn whoever_waits_for_another_sync_can_be_stopped() {
    let dock = dock();
    let project = Project::named("waits").file("a", "1");
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let folder = file(&project, &dock.address(), "sync");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = fs::File::create(folder.join("waits.lock")).expect("a file");
    let _lock = Flock::lock(lock, FlockArg::LockExclusive).expect("a lock");
    let waiting = up(&project, dock).spawn();
    // From its first child on, it ends by itself.
    waiting.wait_for_stderr("trusted from now on");
    waiting.signal(Signal::SIGINT);
    waiting.wait().status(130);
    assert!(!there(&project, dock, "").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn nothing_is_kept_of_a_dock_that_is_forgotten() {
    let dock = dock();
    let project = project(dock, "forgotten").file("a", "1");
    up(&project, dock).run().status(0);
    assert!(file(&project, &dock.address(), "sync").exists());
    project.command("unregister-dock").arg("gpu").run().status(0);
    assert_eq!(registered(&project), [""; 0]);
}

/// The patterns that docs/sync.md explains are patterns, and those that it says are refused are.
#[test]
fn the_page_explains_what_there_is() {
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
