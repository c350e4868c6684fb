//! `source dock` and castoff in real shells, with real docks.

mod builders;
mod completion;
pub(crate) mod docked;
mod failures;
mod hostile;
mod init;
mod link;
pub(crate) mod login_shells;
mod permutations;
mod ports;
mod restored;
mod sharing;
mod sockets;
mod users;
mod workspaces;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dockerutils_testbed::{Dock, dock};
use dockerutils_testkit::{Invocation, Project, Running};

use super::register;

/// The shells, with the arguments that run a script without the user's start-up files.
const SHELLS: [(&str, &[&str]); 3] =
    [("bash", &["--norc", "--noprofile", "-c"]), ("zsh", &["-f", "-c"]), ("fish", &["--no-config", "-c"])];

/// Creates a project in whose home a dock is registered as `gpu`.
fn project_that_knows(dock: &Dock) -> Project {
    let project = Project::new();
    make_known(dock, &project);
    project
}

/// Registers the dock as `gpu` in a project's home.
fn make_known(dock: &Dock, project: &Project) {
    register(project, dock).args(["gpu", "--no-check"]).run().status(0);
    fs::DirBuilder::new().mode(0o700).create(runtime(project)).unwrap();
}

/// Returns the project's XDG_RUNTIME_DIR.
fn runtime(project: &Project) -> PathBuf {
    project.home().parent().unwrap().join("run")
}

/// Returns the folders of the project's sessions.
fn sessions(project: &Project) -> Vec<PathBuf> {
    let entries = fs::read_dir(runtime(project).join("dockerutils")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Returns a program that finds `source dock`, our commands, and the ssh and docker that reach this dock.
fn program(project: &Project, dock: &Dock, program: &str) -> Invocation {
    project.program(program).env("PATH", path(dock)).env("XDG_RUNTIME_DIR", runtime(project))
}

/// Returns a shell that runs a script. In fish `source dock` is `dock`.
fn shell(project: &Project, dock: &Dock, shell: &str, script: &str) -> Invocation {
    let (_, args) = SHELLS.iter().find(|(name, _)| *name == shell).unwrap();
    let script = match shell {
        "fish" => format!(
            "source {}/dock.fish; {}",
            shell_folder().display(),
            script.replace("source dock", "dock")
        ),
        _ => script.to_owned(),
    };
    program(project, dock, shell).args(args.iter().copied()).arg(script)
}

fn shell_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("shell")
}

fn path(dock: &Dock) -> OsString {
    let commands = Path::new(env!("CARGO_BIN_EXE_dock-session")).parent().unwrap().to_owned();
    let folders = [shell_folder(), commands];
    env::join_paths(folders.into_iter().chain(env::split_paths(&dock.path()))).unwrap()
}

/// Returns the names of the shells.
fn shells() -> impl Iterator<Item = &'static str> {
    SHELLS.iter().map(|(shell, _)| *shell)
}

/// A terminal that holds the session, so that others need not open the connection.
struct Held(#[expect(dead_code, reason = "it is killed when it is dropped")] Running);

impl Held {
    fn open(project: &Project, dock: &Dock) -> Self {
        let running = shell(project, dock, "bash", "source dock gpu; exec sleep 600").spawn();
        running.wait_for_stderr("docked to gpu");
        Held(running)
    }
}

/// Returns the command lines of the processes of a project's sessions: masters and watchers. Zombies have none.
fn processes(project: &Project) -> Vec<String> {
    let sessions = format!("{}/dockerutils/", runtime(project).display());
    command_lines().into_iter().filter(|line| line.contains(&sessions)).collect()
}

/// Returns the command lines of all processes, with blanks between the words.
fn command_lines() -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let command_lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    command_lines.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " ")).collect()
}

/// Waits until the condition holds; fails after a minute.
#[track_caller]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "a minute has passed, and it does not hold that {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn nothing_is_left(project: &Project) {
    eventually("no process is left", || processes(project).is_empty());
    let left = |folder: PathBuf| -> Vec<_> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
    };
    // The folder of all sessions stays, so that no other user can create it.
    assert!(left(runtime(project)).iter().all(|name| name == "dockerutils"), "{:?}", left(runtime(project)));
    assert!(sessions(project).is_empty(), "{:?}", sessions(project));
}

#[test]
#[ignore = "needs root: dock"]
fn castoff_undoes_what_source_dock_does() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let outcome = shell(
            &project,
            dock,
            shell_name,
            r#"source dock gpu && env | grep ^DOCK | sort
               docker version --format '{{.Server.Version}}'
               castoff; env | grep ^DOCK; type castoff >/dev/null 2>&1 || echo gone"#,
        )
        .run();
        let name = outcome
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("DOCKER_HOST=unix://"))
            .unwrap_or_default();
        let folder = Path::new(name).parent().unwrap().display().to_string();
        let (address, version) = (dock.address(), dock.version().prefix());
        outcome.status(0).check(outcome.stdout.contains(version), || "docker of the dock".to_owned());
        let known: Vec<&str> = outcome.stdout.lines().filter(|line| !line.starts_with(version)).collect();
        let host = format!("DOCKER_HOST=unix://{folder}/docker.sock");
        assert_eq!(
            known,
            [&host, &format!("DOCKER_IP={address}"), "DOCK_MONIKER=gpu", "gone"],
            "{shell_name}"
        );
        assert!(Path::new(&folder).starts_with(runtime(&project)));
        outcome.stderr_has(&format!("dock: docked to gpu, ubuntu@{address} (castoff undoes it)")).stderr_has(
            &format!("dock: the host key of {address}, seen first and trusted from now on: SHA256:"),
        );
        // One command opens the connection, and one closes it.
        let echoed = outcome.echoed();
        let ssh = echoed.iter().filter(|echo| echo.starts_with("ssh -")).count();
        assert_eq!((ssh, echoed.len()), (2, 3), "{echoed:#?}");
        nothing_is_left(&project);
        let quiet =
            shell(&project, dock, shell_name, "source dock gpu; castoff").env("DOCKERUTILS_QUIET", "1");
        quiet.run().status(0).echoes(&[]);
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn only_the_user_can_use_the_sockets() {
    let dock = dock();
    let project = project_that_knows(dock);
    let script = "source dock gpu; cd \"$(dirname \"${DOCKER_HOST#unix://}\")\"
                  stat -c '%a %F %n' . docker.sock ssh; castoff";
    let outcome = shell(&project, dock, "bash", script).run();
    outcome.status(0).stdout_is("700 directory .\n600 socket docker.sock\n600 socket ssh\n");
    // Without XDG_RUNTIME_DIR the folder is in /tmp.
    let script = "source dock gpu; echo $DOCKER_HOST; castoff";
    let outcome = shell(&project, dock, "bash", script).env_remove("XDG_RUNTIME_DIR").run();
    let own = format!("unix:///tmp/dockerutils-{}/{}-", nix::unistd::geteuid(), dock.address());
    outcome.status(0).check(outcome.stdout.starts_with(&own), || own.clone());
    assert!(!Path::new(outcome.stdout.trim_start_matches("unix://").trim_end()).parent().unwrap().exists());
}

#[test]
#[ignore = "needs root: dock"]
fn without_a_name_the_docks_are_listed() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let outcome = shell(&project, dock, shell_name, "source dock").run();
        outcome
            .status(0)
            .echoes(&[])
            .stderr_has("Usage: source dock")
            .stderr_has(&format!("gpu      {}", dock.address()));
        let empty = shell(&project, dock, shell_name, "source dock ''").run();
        assert_eq!(empty.status(0).stderr, outcome.stderr);
        let help = shell(&project, dock, shell_name, "source dock --help; env | grep ^DOCK").run();
        help.stdout_is("").echoes(&[]).stderr_has("castoff undoes it").stderr_has("--dry-run");
        let dry = shell(&project, dock, shell_name, "source dock --dry-run gpu; env | grep ^DOCK").run();
        assert_eq!(dry.stdout_is("").echoed().len(), 1);
        let none = shell(&Project::new(), dock, shell_name, "source dock").run();
        none.stderr_has("no dock is registered: `register-dock ADDRESS MONIKER` registers one");
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn in_a_docked_terminal_source_dock_changes_nothing() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let refused = ["127.0.0.1", "other", "-p", "1", "--no-check"];
        project.command("register-dock").args(refused).run().status(0);
        let script = "source dock gpu; env | grep ^DOCK | sort; echo
                      source dock gpu; env | grep ^DOCK | sort; echo
                      source dock other; env | grep ^DOCK | sort; echo
                      source dock; castoff; env | grep ^DOCK";
        let outcome = shell(&project, dock, shell_name, script).run();
        let shown: Vec<&str> = outcome.stdout.split("\n\n").collect();
        assert_eq!(shown.len(), 4, "{shown:?}");
        assert!(
            shown[0].contains("DOCK_MONIKER=gpu") && shown[..3].iter().all(|one| *one == shown[0]),
            "{shown:?}"
        );
        assert_eq!(shown[3], "");
        outcome
            .stderr_has(&format!("dock: already docked to gpu, ubuntu@{}\n", dock.address()))
            .stderr_has("dock: port 1 of 127.0.0.1 refuses the connection")
            .stderr_has("*  gpu");
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn in_a_docked_terminal_source_dock_goes_to_another_dock() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let proxy = dock.proxy(Duration::ZERO);
        let other = ["127.0.0.1", "other", "-p", &proxy.address().port().to_string(), "--no-check", "-i"];
        project.command("register-dock").args(other).arg(dock.key()).run().status(0);
        let script = "source dock gpu; source dock other; env | grep ^DOCK_
                      docker version --format '{{.Server.Version}}' >/dev/null && echo works
                      PROMPT; castoff; PROMPT; env | grep ^DOCK";
        let (prepare, prompt) = match shell_name {
            "fish" => ("function fish_prompt; printf '$ '; end", "fish_prompt; echo"),
            _ => ("PS1='$ '", "printf '%s\\n' \"$PS1\""),
        };
        let script = format!("{prepare}; {}", script.replace("PROMPT", prompt));
        let outcome = shell(&project, dock, shell_name, &script).run();
        outcome.stdout_is("DOCK_MONIKER=other\nworks\n$ [dock:other] \n$ \n");
        outcome.stderr_has("dock: docked to other, ubuntu@127.0.0.1 (castoff undoes it)");
        nothing_is_left(&project);
    }
}
