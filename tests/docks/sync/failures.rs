//! What sync-up and sync-down report if something fails.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Project, Signal};
use nix::fcntl::{Flock, FlockArg};

use super::{change, down, project, read, remote, up};
use crate::docks::{command, file, messages, register};

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
fn a_workspace_that_cannot_be_created_is_reported_with_the_remedy() {
    let dock = dock();
    let project = project(dock, "forbidden").file("a", "1");
    register(&project, dock).args(["gpu", "-u", "guest", "--no-check"]).run().status(0);
    let outcome = up(&project, dock).run();
    assert_eq!(
        messages(&outcome, "sync-up"),
        [
            "cannot create /data/workspaces/tester/code/forbidden on the dock: create the folder of your workspaces \
             once, with `ssh-dock gpu -- sudo sh -c 'mkdir -p /data/workspaces/tester && chown guest /data/workspaces/tester'`; check-dock shows more"
        ]
    );
    let outcome = down(&project, dock).run();
    // rsync takes the script that has ended for a lost connection, and would print that.
    outcome.status(1).stderr_lacks("rsync error").stderr_lacks("closed");
    assert_eq!(
        messages(&outcome, "sync-down"),
        ["the dock has no /data/workspaces/tester/code/forbidden: `sync-up gpu` creates it"]
    );
    let outcome = down(&project, dock).args(["--as", "nope"]).run();
    outcome.status(1).stderr_lacks("rsync error");
    assert_eq!(
        messages(&outcome, "sync-down"),
        ["the dock has no /data/workspaces/tester/code/nope: `sync-up gpu --as nope` creates it"]
    );
    let outcome = command(&project, dock, "sync-status").arg("gpu").run();
    outcome.status(0).stdout_is("up    a\nup    docker/dockerutils.cfg\n").stderr_lacks("rsync error");
    assert_eq!(messages(&outcome, "sync-status"), ["gpu has no copy yet: `sync-up gpu` sends everything"]);
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
    let messages = messages(outcome.status(1), "sync-down");
    assert_eq!(messages[0], "fetched 1 file from gpu");
    assert!(messages[1].contains("add them to .dockerignore") && outcome.stderr.contains("cache/deep"));
    let project = project.file(".dockerignore", "**/deep\n");
    down(&project, dock).run().status(0);
    assert_eq!(read(project.root().join("new")).as_deref(), Some("there"));
    up(&project, dock).arg("--delete").run().status(0);
    assert!(Path::new(&dock.root()).join(&made_by_root[1..]).exists());
}

#[test]
#[ignore = "needs root: dock"]
fn a_missing_rsync_on_the_dock_is_reported_with_the_remedy() {
    let dock = Dock::builder("bare", Version::V20).without("rsync").start().expect("a dock");
    let project = project(&dock, "bare").file("a", "1");
    let remedy = "rsync is not installed on the dock: install it with `ssh-dock gpu -- sudo apt-get install -y rsync`; \
                  check-dock shows more";
    for name in ["sync-up", "sync-down", "sync-status"] {
        let outcome = command(&project, &dock, name).arg("gpu").run();
        assert_eq!(messages(outcome.status(1), name).last().map(String::as_str), Some(remedy), "{name}");
    }
}

/// To an rsync of before 3.1.3, no two times are equal, as if a file system rounded them.
#[test]
#[ignore = "needs root: dock"]
fn a_local_rsync_that_cannot_compare_nanoseconds_is_reported() {
    let dock = dock();
    let script = "#!/bin/sh\n[ \"$1\" = --version ] && exec echo 'rsync  version 3.1.2  protocol version 31'\n\
                  PATH=${PATH#*:} exec rsync \"$@\"\n";
    let project = project(dock, "rounded").file(".dockerignore", "*\n!a\n").file("a", "1");
    let project = project.executable("bin/rsync", script);
    up(&project, dock).run().status(0);
    let file = fs::File::options().write(true).open(remote(&project, dock, "a")).expect("a file");
    let time = file.metadata().and_then(|found| found.modified()).expect("a time");
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("a time");
    let outcome = up(&project, dock).path_first(&project.root().join("bin")).run();
    let message = messages(outcome.status(1), "sync-up").pop().expect("a message");
    let start = "the rsync of this machine is rsync version 3.1.2, but rsync 3.1.3 or later is required";
    assert!(message.starts_with(start), "{message}");
}

/// The bar of a slow transfer is drawn on a terminal.
#[test]
#[ignore = "needs root: dock"]
fn a_sync_of_more_than_a_second_shows_its_progress() {
    let dock = Dock::start("slow", Version::V20).expect("a dock");
    let project = project(&dock, "slow");
    let next = |x: &u64| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    let random = std::iter::successors(Some(1_u64), next);
    let large: Vec<u8> = random.take(4_000_000).map(|number| number.to_be_bytes()[0]).collect();
    fs::write(project.root().join("large"), large).expect("a file");
    dock.limit_bandwidth(8);
    let terminal = up(&project, &dock).spawn_in_terminal();
    terminal.wait_for("of 4.00 MB");
    terminal.wait().status(0).stderr_has("to gpu in ");
}

/// The folder of another user on the dock, into which nothing can be written.
#[test]
#[ignore = "needs root: dock"]
fn what_can_be_written_is_sent_and_the_rest_is_an_error() {
    let dock = dock();
    let project = project(dock, "partial").file("a", "1").file("both", "1");
    up(&project, dock).run().status(0);
    dock.exec(&["install", "-d", "-m", "755", "/data/workspaces/tester/code/partial/root"]);
    change(&remote(&project, dock, "both"), "there");
    let project = project.file("a", "22").file("both", "here").file("root/x", "1");
    let outcome = up(&project, dock).run();
    let messages = messages(outcome.status(1), "sync-up");
    assert!(messages[0].starts_with("1 file, 2 B to gpu in "), "{messages:?}");
    assert!(messages[1].starts_with("warning: rsync could not read or write some files"), "{messages:?}");
    assert!(messages[2].ends_with(": both; `sync-up gpu --force` overwrites them"), "{messages:?}");
    assert_eq!(messages.len(), 3);
    assert_eq!(read(remote(&project, dock, "a")).as_deref(), Some("22"));
}

#[test]
#[ignore = "needs root: dock"]
fn the_status_of_a_workspace_that_cannot_be_read_whole_is_an_error() {
    let dock = dock();
    let project = project(dock, "unseen").file("a", "1").file("gone", "1").file("both", "1");
    up(&project, dock).run().status(0);
    dock.exec(&["install", "-d", "-m", "700", "/data/workspaces/tester/code/unseen/cache"]);
    change(&remote(&project, dock, "new"), "there");
    change(&remote(&project, dock, "both"), "there");
    fs::remove_file(project.root().join("gone")).expect("a file");
    let project = project.file("a", "22").file("both", "here");
    let outcome = command(&project, dock, "sync-status").arg("gpu").run();
    outcome.status(1).stdout_is("up    a\ndown  new\nboth  both\ngone  gone\n");
    outcome.stderr_has("rsync could not read or write some files");
}

/// Without the capabilities root is an ordinary user. `listed` can be listed, but nothing in it opened.
#[test]
#[ignore = "needs root: dock"]
fn an_unreadable_local_folder_does_not_keep_the_rest() {
    let dock = dock();
    let project =
        project(dock, "closed").file("pgdata/base", "1").file("pgdata/deep/x", "1").file("listed/y", "1");
    up(&project, dock).run().status(0);
    let project = project.file("local", "1");
    change(&remote(&project, dock, "new"), "there");
    change(&remote(&project, dock, "pgdata/base"), "there");
    let set_modes = |closed: u32, listed: u32| {
        for (folder, mode) in [("pgdata", closed), ("listed", listed)] {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(project.root().join(folder), mode).expect("a mode");
        }
    };
    set_modes(0o0, 0o444);
    let run = |binary: &str, words: &[&str]| {
        let setpriv = ["--bounding-set=-dac_override,-dac_read_search", binary, "gpu"];
        let setpriv = project.program("setpriv").env("PATH", dock.path()).args(setpriv);
        let outcome = setpriv.args(words.iter().copied()).run();
        outcome.status(1).stderr_has("cannot be read here: listed, pgdata;");
        outcome
    };
    run(env!("CARGO_BIN_EXE_sync-status"), &[]).stdout_is("up    local\ndown  new\n");
    run(env!("CARGO_BIN_EXE_sync-down"), &[]).stdout_is("new\n");
    run(env!("CARGO_BIN_EXE_sync-up"), &["--delete"]).stderr_has("sync-up: 1 file, 1 B to gpu in ");
    for (path, text) in [("local", "1"), ("pgdata/base", "there"), ("pgdata/deep/x", "1"), ("listed/y", "1")]
    {
        assert_eq!(read(remote(&project, dock, path)).as_deref(), Some(text), "{path}");
    }
    set_modes(0o755, 0o755);
    // Both sides are compared with the last sync before the folder was closed.
    command(&project, dock, "sync-status").arg("gpu").run().status(0).stdout_is("down  pgdata/base\n");
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

/// Returns a project with a registered dock, and a folder whose rsync has this version and fails otherwise.
fn with_rsync(version: &str) -> (Project, std::path::PathBuf) {
    let script = format!("#!/bin/sh\n[ \"$1\" = --version ] && echo '{version}' && exit\nexit 1\n");
    let project = Project::new().executable("bin/rsync", &script);
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    fs::write(file(&project, "192.0.2.1", "known_hosts"), "known").expect("a file");
    let bin = project.root().join("bin");
    (project, bin)
}

#[test]
fn an_old_or_foreign_local_rsync_is_reported_with_the_remedy() {
    for (version, name) in [
        ("openrsync: protocol version 29", "openrsync"),
        ("rsync  version 2.6.9  protocol version 29", "rsync version 2.6.9"),
        ("rsync  version 3.0.9  protocol version 30", "rsync version 3.0.9"),
        ("rsync  version 3.1.2  protocol version 31", "rsync version 3.1.2"),
    ] {
        let (project, bin) = with_rsync(version);
        for command in ["sync-up", "sync-down"] {
            let outcome = project.command(command).arg("gpu").path_first(&bin).run();
            let messages = messages(outcome.status(1), command);
            let message = messages.last().expect("a message");
            let start = format!(
                "the rsync of this machine is {name}, but rsync 3.1.3 or later is required: install it"
            );
            assert!(message.starts_with(&start), "{message}");
        }
    }
}

#[test]
fn an_rsync_that_trusts_what_a_dock_sends_is_warned_of() {
    for (version, is_warned) in [("3.2.4", true), ("v3.1.3", true), ("3.2.5", false), ("3.10.0", false)] {
        let (project, bin) = with_rsync(&format!("rsync  version {version}  protocol version 31"));
        let outcome = project.command("sync-down").arg("gpu").path_first(&bin).run();
        let warning = outcome.stderr.contains(&format!("rsync version {version} lets a dock"));
        assert_eq!(warning, is_warned, "{version}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.contains("CVE-2022-29154"), is_warned, "{version}");
    }
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
