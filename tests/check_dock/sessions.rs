//! Sessions that are left on this machine. No dock is needed: a killed terminal leaves a folder.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use dockerutils_testkit::{Invocation, Project};

use super::{assert_finding, check, finding, project};

/// An address that no machine of a test has.
const ADDRESS: &str = "192.0.2.1";

fn make_private(folder: &Path) {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).expect("a folder");
}

fn command(project: &Project, name: &str) -> Invocation {
    let commands = Path::new(env!("CARGO_BIN_EXE_check-dock")).parent().expect("a folder");
    let runtime = project.home().join("run");
    project.command(name).path_first(commands).env("XDG_RUNTIME_DIR", runtime)
}

/// Returns a project that knows a dock, and the folder that the dock's session has, with no connection and no holder.
fn with_session() -> (Project, PathBuf) {
    let project = project();
    make_private(&project.home().join("run"));
    command(&project, "register-dock").args([ADDRESS, "gpu", "--no-check"]).run().status(0);
    let open = ["open", "--shell", "posix", "--", "--dry-run", "gpu"];
    let echo = command(&project, "dock-session").args(open).run().stderr;
    let socket = echo.split(" -S ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a socket");
    let folder = Path::new(socket).parent().expect("a folder").to_owned();
    make_private(&folder.join("terminals"));
    (project, folder)
}

/// Makes the process of the tests a terminal that holds the session.
fn hold(folder: &Path) {
    let stat = fs::read_to_string("/proc/self/stat").expect("a process");
    let start = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(19)).expect("a time");
    fs::write(folder.join("terminals").join(std::process::id().to_string()), start).expect("a file");
}

#[test]
fn a_session_that_was_left_behind_is_closed_by_the_fix() {
    let (project, folder) = with_session();
    let (_, findings) = check(command(&project, "check-dock"));
    assert_finding(&findings, "dock.sessions", "warning", "a session of gpu was left behind in ");
    let (outcome, findings) = check(command(&project, "check-dock").arg("--fix"));
    outcome.stderr_has(&format!("dock-session close {}", folder.display()));
    assert_finding(&findings, "dock.sessions", "ok", "none left behind");
    assert!(!folder.exists());
}

#[test]
fn the_fix_leaves_a_session_alone_that_a_terminal_has_joined_meanwhile() {
    let (project, folder) = with_session();
    let fix = finding(&check(command(&project, "check-dock")).1, "dock.sessions")["fix"].clone();
    hold(&folder);
    let commands = Path::new(env!("CARGO_BIN_EXE_check-dock")).parent().expect("a folder");
    let pasted = project.program("sh").args(["-c", fix.as_str().expect("a line")]).path_first(commands);
    pasted.env("XDG_RUNTIME_DIR", project.home().join("run")).run().status(0);
    assert!(folder.exists());
    let (_, findings) = check(command(&project, "check-dock"));
    assert_finding(
        &findings,
        "dock.sessions",
        "warning",
        "the connection to gpu was lost, and its session is held by one terminal",
    );
}
