//! Commands that use a terminal's connection, or would remove its dock.

use std::fs;

use dockerutils_testbed::{Dock, Version, dock};
use dockerutils_testkit::{Outcome, Project};

use super::{nothing_is_left, project_that_knows, shell};
use crate::docks::{file, messages, registered};

/// Returns how many logins the dock has had.
fn logins(dock: &Dock) -> usize {
    let log = fs::read_to_string(dock.root().join("var/log/sshd")).unwrap();
    log.lines().filter(|line| line.contains("Accepted publickey")).count()
}

fn run(project: &Project, dock: &Dock, script: &str) -> Outcome {
    let outcome = shell(project, dock, "bash", script).run();
    nothing_is_left(project);
    outcome
}

#[test]
#[ignore = "needs root: dock"]
fn ssh_dock_uses_the_open_connection() {
    let dock = Dock::builder("users", Version::V20).start().expect("a dock");
    let project = project_that_knows(&dock);
    let words = "ssh-dock -- printf '<%s>' 'a b' \"it's\"; ssh-dock gpu -- sh -c 'exit 7'; echo $?; castoff";
    run(&project, &dock, &format!("source dock gpu; {words}")).status(0).stdout_is("<a b><it's>7\n");
    assert_eq!(logins(&dock), 1);
    // A forward through the shared connection would outlive the command, and other options have no effect there.
    for options in ["-L \"$PWD/socket:localhost:1\"", "-s '-o SetEnv=A=b'"] {
        let before = logins(&dock);
        let script = format!("source dock gpu; ssh-dock gpu {options} -- echo there; castoff");
        run(&project, &dock, &script).status(0).stdout_is("there\n");
        assert_eq!(logins(&dock) - before, 2, "{options}");
    }
    let script = "source dock gpu; ssh-dock --dry-run -- true; castoff; ssh-dock gpu --dry-run -- true";
    let echoed = run(&project, &dock, script).status(0).echoed();
    let shared: Vec<bool> = echoed
        .iter()
        .filter(|echo| echo.ends_with(" true"))
        .map(|echo| !echo.contains(" -S none "))
        .collect();
    assert_eq!(shared, [true, false]);
}

#[test]
#[ignore = "needs root: dock"]
fn a_connection_stays_open_while_a_command_uses_it() {
    let dock = dock();
    for command in ["ssh-dock", "ssh-dock gpu"] {
        let project = project_that_knows(dock);
        let script = format!(
            "source dock gpu; mkfifo in out
             {command} -- sh -c 'echo begun; read -r line; echo \"$line\"' <in >out & exec 3>in 4<out
             read -r line <&4; echo \"$line\"; castoff
             echo after castoff >&3; read -r line <&4; echo \"$line\"; wait $!"
        );
        run(&project, dock, &script).status(0).stdout_is("begun\nafter castoff\n");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_dock_in_use_is_not_removed() {
    let dock = dock();
    let project = project_that_knows(dock);
    let script =
        "source dock gpu; echo $$; unregister-dock gpu; echo $?; unregister-dock gpu --dry-run; echo $?
                  docker version >/dev/null && ls-dock --no-probe | grep -c gpu; castoff";
    let outcome = run(&project, dock, script);
    let pid = outcome.stdout.lines().next().unwrap_or_default();
    let message = format!(
        "gpu is in use: `castoff` in the terminals that are docked to it first (shells and commands by process id: {pid})"
    );
    outcome.status(0).stdout_is(&format!("{pid}\n1\n1\n1\n"));
    assert_eq!(messages(&outcome, "unregister-dock"), [message.clone(), message]);
    assert!(file(&project, &dock.address(), "known_hosts").exists());
    // No terminal is docked any more, even if the last one was killed.
    run(&project, dock, "source dock gpu; kill -9 $$");
    run(&project, dock, "unregister-dock gpu").status(0);
    assert_eq!(registered(&project), [""; 0]);
}
