//! Users of a dock whose login shell is not a quiet bash: syncs and containers.

use std::fs;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::Project;

use super::docked::docked;
use super::link::{VERSION, own_dock};
use super::make_known;
use crate::docks::{command, register};

/// The right to change the lists of users of the shared dock: `sed -i` replaces a list, and would lose what another test
/// has added meanwhile.
static LISTS: Mutex<()> = Mutex::new(());

/// Adds a user with this login shell and these ids to a dock, in the group docker, and with a home of its own.
pub(crate) fn add_user(dock: &Dock, name: &str, id: u32, shell: &str) {
    let lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    let append = |file: &str, line: String| {
        let file = fs::File::options().append(true).open(dock.root().join("etc").join(file));
        file.expect("a list").write_all(line.as_bytes()).expect("a line");
    };
    append("passwd", format!("{name}:x:{id}:{id}::/home/{name}:{shell}\n"));
    append("group", format!("{name}:x:{id}:\n"));
    append("shadow", format!("{name}:*:19000:0:99999:7:::\n"));
    dock.exec(&["sed", "-i", &format!("s/^docker:.*/&,{name}/"), "/etc/group"]);
    drop(lists);
    dock.exec(&["cp", "-a", "/home/ubuntu", &format!("/home/{name}")]);
    dock.exec(&["chown", "-R", &format!("{id}:{id}"), &format!("/home/{name}")]);
}

/// Returns a project whose dock `gpu` has this user, with the workspace in the user's home.
fn project_of(dock: &Dock, user: &str) -> Project {
    let config = format!(
        "[run_image]\nworkspace=/home/{user}/copies\n[dev]\nname=busybox:latest\nprefix=False\naws_env=no\n\
         volumes=-v {{project_root}}:/x\nuser=host\n"
    );
    let project = Project::named(user).dockerfile("dev", "FROM scratch\n").cfg(config);
    make_known(dock, &project);
    register(&project, dock).args(["gpu", "-u", user, "--no-check"]).run().status(0);
    project
}

/// Returns the ids of the user and group that own the file `made` in the workspace of this user.
fn owner_of_made(dock: &Dock, user: &str) -> String {
    dock.exec(&["stat", "-c", "%u:%g", &format!("/home/{user}/copies/made")])
}

/// The ids of the owner differ from those of the user here, and tcsh has other quotes than bash.
#[test]
#[ignore = "needs root: dock"]
fn under_tcsh_the_files_of_a_container_belong_to_the_owner_of_the_workspace() {
    let dock = dock();
    add_user(dock, "csh", 1010, "/usr/bin/tcsh");
    let project = project_of(dock, "csh").file("it's a !b $HOME", "1");
    let outcome = docked(&project, dock, "sync-up && run-image dev -c 'touch /x/made' && sync-down");
    outcome.status(0).stderr_lacks("empty folder").stderr_has("--user 1010:1010");
    assert_eq!(owner_of_made(dock, "csh"), "1010:1010");
    assert!(project.root().join("made").exists());
}

/// A real csh expands `!` in every kind of quotes, and ends a quoted word at a line feed.
#[test]
#[ignore = "needs root: dock"]
fn under_tcsh_commands_without_a_docked_terminal_work() {
    let dock = dock();
    add_user(dock, "tcsh", 1013, "/usr/bin/tcsh");
    let project = project_of(dock, "tcsh").file("it's a !b $HOME", "1");
    let run = |name: &str, words: &[&str]| {
        command(&project, dock, name).args(words.iter().copied()).run().status(0).clone()
    };
    let listed = run("ls-dock", &[]);
    assert!(
        listed.stdout.contains(" up ") && listed.stdout.contains(dock.version().prefix()),
        "{}",
        listed.stdout
    );
    run("sync-up", &["gpu"]).stderr_has(" to gpu in ");
    dock.exec(&["touch", "/home/tcsh/copies/made !"]);
    run("sync-down", &["gpu"]).stdout_is("made !\n");
    run("sync-status", &["gpu"]);
    let words = ["a b", "it's", "!!", "a!b", "$HOME", "`id`", "a\nb", "\\\\", ""];
    let expected: String = words.iter().map(|word| format!("<{word}>")).collect();
    let printed: Vec<&str> = ["gpu", "--", "printf", "<%s>"].into_iter().chain(words).collect();
    run("ssh-dock", &printed).stdout_is(&expected);
}

/// The engine is found by a script there, and the record then names its socket.
#[test]
#[ignore = "needs root: dock"]
fn under_tcsh_an_engine_whose_socket_is_elsewhere_is_found() {
    let dock = own_dock("csh-elsewhere", "");
    add_user(&dock, "tcsh", 1013, "/usr/bin/tcsh");
    let project = project_of(&dock, "tcsh");
    dock.exec(&["install", "-d", "-o", "tcsh", "/run/user/1013"]);
    dock.exec(&["mv", "/run/docker.sock", "/run/user/1013/docker.sock"]);
    let listed = command(&project, &dock, "ls-dock").run();
    listed.status(0).check(listed.stdout.contains(" up "), || "up".to_owned());
    let outcome = docked(&project, &dock, VERSION);
    let version = dock.version().prefix();
    outcome.status(0).check(outcome.stdout.starts_with(version), || version.to_owned());
}

#[test]
#[ignore = "needs root: dock"]
fn a_shell_that_prints_is_named_and_does_not_disturb_a_run() {
    let dock = dock();
    add_user(dock, "noisy", 1011, "/bin/bash");
    let project = project_of(dock, "noisy");
    fs::write(dock.root().join("home/noisy/.bashrc"), "echo Welcome back\n").expect("a file");
    dock.exec(&["install", "-d", "-o", "noisy", "-g", "noisy", "/home/noisy/copies"]);
    let script = "sync-up; sync-down; run-image --no-sync dev -c 'touch /x/made'";
    let outcome = docked(&project, dock, script);
    outcome.status(0).stderr_lacks("empty folder");
    for command in ["sync-up", "sync-down"] {
        outcome.stderr_has(&format!("{command}: the shell of noisy on gpu prints `Welcome back`"));
    }
    assert_eq!(owner_of_made(dock, "noisy"), "1011:1011");
}

#[test]
#[ignore = "needs root: dock"]
fn a_user_without_a_shell_is_named_and_can_run_containers() {
    let dock = dock();
    add_user(dock, "noshell", 1012, "/usr/sbin/nologin");
    let project = project_of(dock, "noshell");
    let script = "sync-up; sync-down; run-image --no-sync dev -c true";
    let outcome = docked(&project, dock, script);
    let remedy = "the login shell of noshell on gpu runs no commands: use another user";
    outcome.status(0).stderr_has(&format!("run-image: warning: the mounts are not checked: {remedy}"));
    outcome.stderr_has(&format!("because the owner of /home/noshell/copies is unknown: {remedy}"));
    for command in ["sync-up", "sync-down"] {
        outcome.stderr_has(&format!("{command}: {remedy}"));
    }
}
