//! build-image and run-image in a docked terminal: mounts of the workspace, exit status, size of the context.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Outcome, Project, Signal};

use super::{make_known, nothing_is_left, shell};
use crate::docks::printed;

/// Creates a project with one image of busybox that has the project's name. The dock is shared by all tests: workspaces
/// have the names of projects, so each test has a project name of its own.
pub(crate) fn project(dock: &Dock, name: &str, keys: &str) -> Project {
    let project = Project::named(name);
    make_known(dock, &project);
    project
        .dockerfile(name, "FROM busybox:latest\n")
        .file("data.txt", "first\n")
        .cfg(format!("[{name}]\naws_env=no\n{keys}"))
}

/// Runs a script in a docked bash.
pub(crate) fn docked(project: &Project, dock: &Dock, script: &str) -> Outcome {
    let outcome = shell(project, dock, "bash", &format!("source dock gpu || exit 99\n{script}")).run();
    nothing_is_left(project);
    outcome
}

#[test]
#[ignore = "needs root: dock"]
fn a_mount_of_the_project_shows_the_latest_files() {
    let dock = dock();
    let project = project(dock, "live", "volumes=-v {project_root}:/project\n");
    let script = "build-image live -- -q && run-image live -c 'cat /project/data.txt' && echo second > data.txt && \
                  run-image live -c 'cat /project/data.txt' && echo third > data.txt && \
                  run-image --no-sync live -c 'cat /project/data.txt'";
    let outcome = docked(&project, dock, script);
    let lines: Vec<&str> = outcome.status(0).stdout.lines().skip(1).collect();
    assert_eq!(lines, ["first", "second", "second"]);
    let line = format!(
        "run-image: on gpu the mount of {} is that of /data/workspaces/tester/code/live\n",
        project.root().display()
    );
    outcome.check(outcome.stderr.matches(&line).count() == 3, || format!("not three times: {line}"));
}

/// A container is never kept from running because a file could not be sent.
#[test]
#[ignore = "needs root: dock"]
fn a_container_runs_although_files_are_left_alone() {
    let dock = dock();
    let project = project(dock, "leaves", "volumes=-v {project_root}:/project\n").file("other", "1");
    let there = "/data/workspaces/tester/code/leaves";
    let script = format!(
        "build-image leaves -- -q && sync-up && echo mine > data.txt && echo new > new && \
         ssh-dock -- sh -c 'echo theirs > {there}/data.txt; echo theirs > {there}/other; sudo install -d {there}/root' && \
         mkdir root && echo x > root/x && \
         run-image leaves -c 'sh -c \"cat /project/data.txt /project/other /project/new; exit 7\"'"
    );
    let outcome = docked(&project, dock, &script);
    let lines: Vec<&str> = outcome.status(7).stdout.lines().skip(1).collect();
    assert_eq!(lines, ["theirs", "theirs", "new"]);
    outcome
        .stderr_has("run-image: warning: not everything was sent to gpu: rsync could not read or write some files")
        .stderr_has("run-image: warning: not sent to gpu, because they changed there too: data.txt (`sync-up gpu --force`")
        .stderr_has("run-image: 1 file changed on gpu is left as it is: `sync-down gpu` fetches it\n");
}

#[test]
#[ignore = "needs root: dock"]
fn a_container_runs_although_the_dock_has_no_rsync() {
    let dock = Dock::builder("no-rsync", Version::V20).without("rsync").start().expect("a dock");
    dock.import_busybox("busybox:latest");
    let project = project(&dock, "unsent", "volumes=-v {project_root}:/project\n");
    let script = "build-image unsent -- -q && run-image unsent -c 'sh -c \"echo ran; exit 7\"'";
    let outcome = docked(&project, &dock, script);
    assert_eq!(outcome.status(7).stdout.lines().last(), Some("ran"));
    outcome.stderr_has(
        "run-image: warning: not everything was sent to gpu: rsync is not installed on the dock: install it with",
    );
}

/// The echoed commands are short, because their options are in generated files.
#[test]
#[ignore = "needs root: dock"]
fn a_docked_run_prints_little() {
    let dock = dock();
    let project = project(dock, "quiet", "volumes=-v {project_root}:/project\n");
    // The first connection also shows the host key.
    docked(&project, dock, "build-image quiet -- -q && sync-up").status(0);
    let sourced = docked(&project, dock, ":");
    let run = docked(&project, dock, "run-image quiet -c true");
    let (source, run) = (printed(&project, sourced.status(0)), printed(&project, run.status(0)));
    assert!(source < 450, "{source} bytes: {}", sourced.stderr);
    assert!(run - source < 1_400, "{} bytes", run - source);
}

#[test]
#[ignore = "needs root: dock"]
fn a_dry_run_sends_nothing() {
    let dock = dock();
    let project = project(dock, "dry", "volumes=-v {project_root}:/project\n");
    let script = "sync-up && echo mine > data.txt && run-image --dry-run dry && \
                  ssh-dock -- sh -c 'echo theirs > /data/workspaces/tester/code/dry/data.txt' && sync-down";
    let outcome = docked(&project, dock, script);
    outcome
        .status(1)
        .stderr_has("not overwritten, because they changed both locally and on the dock: data.txt");
    let sent = outcome
        .echoed()
        .iter()
        .filter(|line| line.contains("dry.files ") || line.contains("dry.dry-run.files "))
        .filter(|line| !line.starts_with("env "))
        .count();
    outcome.check(sent == 2, || format!("{sent} times rsync is echoed: sync-up, run-image"));
    assert_eq!(fs::read_to_string(project.root().join("data.txt")).unwrap(), "mine\n");
}

#[test]
#[ignore = "needs root: dock"]
fn the_lines_of_a_dry_run_do_the_first_sync_when_they_are_pasted() {
    let dock = dock();
    let project = project(dock, "pasted-dry", "volumes=-v {project_root}:/project\n");
    let script = "run-image --dry-run pasted-dry 2>~/echoes && grep '^[a-zA-Z(].*rsync ' ~/echoes >~/pasted && \
                  wc -l <~/pasted && . ~/pasted >~/listed && \
                  ssh-dock -- cat /data/workspaces/tester/code/pasted-dry/data.txt";
    let outcome = docked(&project, dock, script);
    let lines: Vec<&str> = outcome.status(0).stdout.lines().collect();
    assert_eq!(lines, ["2", "first"]);
}

#[test]
#[ignore = "needs root: dock"]
fn the_value_of_a_docked_key_is_not_redirected() {
    let dock = dock();
    let project =
        project(dock, "twin", "volumes=-v {project_root}:/project\nvolumes_docked=-v /etc:/project\n");
    let outcome =
        docked(&project, dock, "build-image twin -- -q && run-image twin -c 'cat /project/hostname'");
    let hostname = dock.exec(&["cat", "/etc/hostname"]);
    assert_eq!(outcome.status(0).stdout.lines().nth(1), Some(hostname.as_str()));
    outcome.stderr_lacks("rsync").stderr_lacks("the mount of");
}

/// Returns the warning about a path that the dock does not have.
fn warning(path: &str) -> String {
    format!("run-image: warning: gpu has no {path}, so that mount is an empty folder there")
}

#[test]
#[ignore = "needs root: dock"]
fn a_path_that_the_dock_does_not_have_is_a_warning() {
    let dock = dock();
    let project = project(
        dock,
        "lacks",
        "volumes=-v '/no such/folder:/a' -v /etc:/b:ro -v named:/c\nargs=-v /no/args:/d\n\
         [lacks-twin]\nname=lacks\naws_env=no\nvolumes=-v /etc:/a\nvolumes_docked=-v /no/twin:/a\n\
         [run_image]\nsynthetic_images=lacks-twin\n",
    );
    let script = "build-image lacks -- -q && run-image -a '-iv /no/flag:/e' lacks -c 'ls /a' && run-image lacks-twin -c true";
    let outcome = docked(&project, dock, script);
    outcome.status(0);
    let missing = ["/no such/folder", "/no/args", "/no/flag", "/no/twin"];
    for path in missing {
        outcome.stderr_has(&(warning(path) + "\n"));
    }
    outcome.check(outcome.stderr.matches("warning").count() == missing.len(), || {
        "only these paths are missing".to_owned()
    });
}

#[test]
#[ignore = "needs root: dock"]
fn a_path_that_the_workspace_does_not_have_is_a_warning() {
    let dock = dock();
    let keys = "volumes=-v {project_root}/data.txt:/data.txt -v {project_root}/left-out:/a\n";
    let project = project(dock, "partly", keys).file(".dockerignore", "left-out\n").file("left-out/file", "");
    let there = "/data/workspaces/tester/code/partly";
    // docker creates the folder of a mount that it does not find, so a path is missing once.
    let script = "build-image partly -- -q && run-image partly -c 'cat /data.txt'";
    let outcome = docked(&project, dock, script);
    outcome
        .status(0)
        .stderr_has(&(warning(&format!("{there}/left-out")) + ": does `.dockerignore` exclude it?\n"));
    outcome.check(outcome.stderr.matches("warning").count() == 1, || "one path is missing".to_owned());
    dock.exec(&["rm", "-r", there]);
    let outcome = docked(&project, dock, "run-image --no-sync partly -c true");
    let reason = ": was it never sent, or does `.dockerignore` exclude it?\n";
    for name in ["data.txt", "left-out"] {
        outcome.stderr_has(&(warning(&format!("{there}/{name}")) + reason));
    }
}

#[test]
#[ignore = "needs root: dock"]
fn the_exit_status_is_that_of_docker() {
    let dock = dock();
    let project = project(dock, "status", &format!("ports=-p {}:8000\n", free_port()));
    docked(&project, dock, "build-image status -- -q && run-image status -c 'sh -c \"exit 7\"'").status(7);
    // docker passes signals on to the container.
    for (ends, status) in [(0, 0), (9, 9)] {
        let waits = format!("trap \"exit {ends}\" INT; echo ready >&2; while :; do sleep 0.1; done");
        let script = "source dock gpu && exec run-image status -c \"sh -c '$WAITS'\"";
        let running = shell(&project, dock, "bash", script).env("WAITS", waits).spawn();
        running.wait_for_stderr("ready\n");
        running.signal(Signal::SIGINT);
        running.wait().status(status);
    }
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn the_size_of_a_large_context_is_printed() {
    let dock = dock();
    let project = project(dock, "large", "").file(".dockerignore", "left-out\n");
    for (name, megabytes) in [("a", 60), ("b/c", 50), ("left-out", 500), ("d", 1)] {
        let path = project.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().set_len(megabytes * 1000 * 1000).unwrap();
    }
    let outcome = docked(&project, dock, "build-image --dry-run large");
    outcome.status(0).stderr_has("build-image: the context that is sent to gpu has 112 MB in 7 files; ");
    outcome.stderr_has("the largest: a (60 MB), b/c (50 MB), d (1 MB), ");
    fs::remove_file(project.root().join("a")).unwrap();
    docked(&project, dock, "build-image --dry-run large").status(0).stderr_lacks("the context");
}

pub(super) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
