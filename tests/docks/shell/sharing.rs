//! Terminals on one dock share its connection, and the end of the last one closes it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Project, Running, Signal, Terminal};

use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::{eventually, nothing_is_left, processes, program, project_that_knows, sessions, shell};

/// Starts a dock that no other test uses, because its connections are counted.
fn own_dock(name: &str) -> Dock {
    Dock::builder(name, Version::V20).start().expect("a dock")
}

/// Opens a terminal with a docked shell, and waits for the prompt.
fn docked_terminal(project: &Project, dock: &Dock) -> Terminal {
    let terminal = program(project, dock, "bash").args(["--norc", "--noprofile", "-i"]).spawn_in_terminal();
    terminal.types("PS1='$ '; source dock gpu\r");
    terminal.wait_for("(castoff undoes it)");
    terminal.wait_for("$ [dock:gpu] ");
    terminal
}

fn connections(project: &Project) -> usize {
    processes(project).iter().filter(|line| line.contains(" -M ")).count()
}

#[test]
#[ignore = "needs root: dock"]
fn two_terminals_share_one_connection() {
    let dock = own_dock("shared");
    let project = project_that_knows(&dock);
    let (one, two) = (docked_terminal(&project, &dock), docked_terminal(&project, &dock));
    assert_eq!((dock.connections(), connections(&project), sessions(&project).len()), (1, 1, 1));
    one.types("castoff; echo \"<$PS1>\"\r");
    one.wait_for("<$ >");
    two.types("docker version --format '<{{.Server.Version}}>'\r");
    two.wait_for(&format!("<{}", dock.version().prefix()));
    assert_eq!(dock.connections(), 1);
    two.types("castoff; ls \"$XDG_RUNTIME_DIR/dockerutils\" | wc -l | sed 's/^/left: /'\r");
    two.wait_for("left: 0");
    for terminal in [one, two] {
        terminal.types("exit\r");
        terminal.wait();
    }
    nothing_is_left(&project);
    eventually("sshd sees the end", || dock.connections() == 0);
}

/// check-dock opens the session if no terminal has it, and closes it again.
#[test]
#[ignore = "needs root: dock"]
fn check_dock_leaves_the_session_as_it_has_found_it() {
    let dock = own_dock("checked");
    let project = project_that_knows(&dock);
    let check = || {
        let outcome =
            program(&project, &dock, env!("CARGO_BIN_EXE_check-dock")).args(["gpu", "--json"]).run();
        outcome.check(outcome.stdout.contains("gpu is reached"), || "not reached".to_owned());
    };
    check();
    nothing_is_left(&project);
    eventually("sshd sees the end", || dock.connections() == 0);
    let terminal = docked_terminal(&project, &dock);
    check();
    assert_eq!((dock.connections(), connections(&project), sessions(&project).len()), (1, 1, 1));
    terminal.types("castoff; exit\r");
    terminal.wait();
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn terminals_that_open_at_the_same_time_share_one_connection() {
    let dock = own_dock("at-once");
    let project = project_that_knows(&dock);
    let script = "source dock gpu; docker version --format '{{.Server.Version}}'; read -r line; castoff";
    let open = || shell(&project, &dock, "bash", script).spawn();
    let terminals: Vec<Running> = (0..8).map(|_| open()).collect();
    terminals.iter().for_each(|terminal| terminal.wait_for_stderr("docked to gpu"));
    for terminal in terminals {
        let version = dock.version().prefix();
        let outcome = terminal.wait();
        outcome.check(outcome.stdout.starts_with(version), || version.to_owned());
    }
    nothing_is_left(&project);
}

#[test]
#[ignore = "needs root: dock"]
fn a_terminal_that_is_killed_leaves_nothing() {
    let dock = own_dock("killed");
    let project = project_that_knows(&dock);
    for signal in [Signal::SIGKILL, Signal::SIGHUP] {
        // The shell waits in a builtin: a child would survive it.
        let script =
            "[ -p \"$HOME/fifo\" ] || mkfifo \"$HOME/fifo\"; source dock gpu; read -r line <>\"$HOME/fifo\"";
        let running = shell(&project, &dock, "bash", script).spawn();
        running.wait_for_stderr("docked to gpu");
        assert_eq!(dock.connections(), 1);
        running.signal(signal);
        nothing_is_left_but_zombies(&project, running);
        eventually("sshd sees the end", || dock.connections() == 0);
    }
}

/// Returns the process with this parent whose command line contains these words.
fn child_of(parent: u32, words: &str) -> Option<Pid> {
    let pids =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_wanted = |pid: &i32| {
        let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let is_child = read("status").lines().any(|line| line == format!("PPid:\t{parent}"));
        is_child && read("cmdline").replace('\0', " ").contains(words)
    };
    pids.into_iter().find(is_wanted).map(Pid::from_raw)
}

/// Registers a dock `far` behind a port of this machine.
fn register_on_loopback(project: &Project, dock: &Dock, port: u16) {
    let far = ["127.0.0.1", "far", "-p", &port.to_string(), "--no-check", "-i"];
    project.command("register-dock").args(far).arg(dock.key()).run().status(0);
}

#[test]
#[ignore = "needs root: dock"]
fn a_process_that_is_killed_while_opening_leaves_nothing() {
    let dock = own_dock("slow");
    let project = project_that_knows(&dock);
    let delay = dock.proxy(Duration::from_millis(200));
    register_on_loopback(&project, &dock, delay.address().port());
    for who in ["shell", "dock-session"] {
        let running = shell(&project, &dock, "bash", "source dock far; true").spawn();
        let mut opening = None;
        eventually("ssh connects", || {
            opening = child_of(running.pid(), "dock-session open");
            opening.is_some_and(|opening| child_of(opening.as_raw().unsigned_abs(), " -M ").is_some())
        });
        match who {
            "shell" => running.signal(Signal::SIGKILL),
            _ => kill(opening.unwrap(), Signal::SIGKILL).unwrap(),
        }
        running.wait();
        eventually("the session is closed", || sessions(&project).is_empty());
        nothing_is_left(&project);
        eventually("sshd sees the end", || dock.connections() == 0);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn ctrl_c_while_opening_leaves_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    // This listener accepts connections and sends nothing.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    register_on_loopback(&project, dock, silent.local_addr().unwrap().port());
    let terminal = program(&project, dock, "bash").args(["--norc", "--noprofile", "-i"]).spawn_in_terminal();
    terminal.types("PS1='$ '; source dock far\r");
    eventually("ssh connects", || processes(&project).iter().any(|line| line.contains(" -M ")));
    terminal.interrupt();
    terminal.types("env | grep -c ^DOCK; echo \"<$PS1>\"; exit\r");
    terminal.wait_for("<$ >");
    terminal.wait();
    nothing_is_left(&project);
}

/// A zombie, whose parent has not waited for it, must not count as a terminal.
#[track_caller]
fn nothing_is_left_but_zombies(project: &Project, zombie: Running) {
    eventually("the session is closed", || sessions(project).is_empty());
    nothing_is_left(project);
    zombie.wait();
}

#[test]
#[ignore = "needs root: dock"]
fn a_script_that_ends_without_castoff_leaves_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    for shell_name in super::shells() {
        shell(&project, dock, shell_name, "source dock gpu").run().status(0);
        eventually("the session is closed", || sessions(&project).is_empty());
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_subshell_does_not_change_its_parent() {
    let dock = dock();
    let project = project_that_knows(dock);
    for shell_name in super::shells().filter(|shell| *shell != "fish") {
        let script = "source dock gpu
                      (castoff; echo \"${DOCKER_HOST-none}\")
                      docker version --format '{{.Server.Version}}' >/dev/null && echo docked
                      castoff
                      (source dock gpu; docker version --format '{{.Server.Version}}' >/dev/null && echo docked)
                      echo \"${DOCKER_HOST-none}\"";
        shell(&project, dock, shell_name, script).run().status(0).stdout_is("none\ndocked\ndocked\nnone\n");
        eventually("the session is closed", || sessions(&project).is_empty());
        nothing_is_left(&project);
    }
}

/// The variables that a nested shell inherits are the dock's, so castoff restores what was before the first docking.
#[test]
#[ignore = "needs root: dock"]
fn a_nested_shell_casts_off_to_where_the_first_terminal_was() {
    let dock = dock();
    let project = project_that_knows(dock);
    let inner = "castoff; echo ${DOCKER_HOST-none}";
    let line = "eval \"$(dock-session init bash)\"";
    for nested in [
        format!("bash --norc -c 'source dock gpu; {inner}'"),
        format!("bash --norc -c '{}; {inner}'", line.replace('\'', "'\\''")),
        format!("zsh -f -c '. dock gpu; {inner}'"),
    ] {
        let script = format!(
            "export DOCKER_HOST=tcp://192.0.2.1:2375; source dock gpu; {nested}
             docker version >/dev/null && echo still docked; castoff; echo $DOCKER_HOST"
        );
        let outcome = shell(&project, dock, "bash", &script).run();
        outcome.status(0).stdout_is("tcp://192.0.2.1:2375\nstill docked\ntcp://192.0.2.1:2375\n");
        nothing_is_left(&project);
    }
    // The same process with another shell in it.
    let script = format!("source dock gpu; exec bash --norc -c '{line}; {inner}'");
    shell(&project, dock, "bash", &script).run().status(0).stdout_is("none\n");
    nothing_is_left(&project);
}

/// A nested shell that has the line of dock-session init holds the connection.
#[test]
#[ignore = "needs root: dock"]
fn a_nested_shell_keeps_the_connection_open() {
    let dock = dock();
    let project = project_that_knows(dock);
    let script = "source dock gpu; mkfifo in out
                  bash --norc -c 'eval \"$(dock-session init bash)\"; echo started; read -r line
                                  docker version >/dev/null && echo works' <in >out & exec 3>in 4<out
                  read -r line <&4; castoff; echo go >&3; read -r line <&4; echo $line; wait $!";
    shell(&project, dock, "bash", script).run().status(0).stdout_is("works\n");
    eventually("the session is closed", || sessions(&project).is_empty());
    nothing_is_left(&project);
}
