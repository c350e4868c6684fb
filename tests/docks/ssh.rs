//! ssh-dock, and other programs that use a dock's moniker.

use std::fs;

use dockerutils_testbed::dock;
use dockerutils_testkit::Project;

use super::{command, file, messages, register};

#[test]
#[ignore = "needs root: dock"]
fn arguments_arrive_unchanged() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let words = ["a b", "", "it's", "\"", "$HOME", "`id`", "*", "a\nb", "\\", "~", "--", "-x", "ä"];
    let outcome = command(&project, dock, "ssh-dock").args(["gpu", "--", "printf", "<%s>"]).args(words).run();
    let expected: String = words.iter().map(|word| format!("<{word}>")).collect();
    outcome.status(0).stdout_is(&expected);
    assert_eq!(outcome.echoed().len(), 1);
    command(&project, dock, "ssh-dock").args(["gpu", "--", "sh", "-c", "exit 7"]).run().status(7);
    command(&project, dock, "ssh-dock")
        .args(["gpu", "--", "id", "-un"])
        .run()
        .status(0)
        .stdout_is("ubuntu\n");
}

#[test]
#[ignore = "needs root: dock"]
fn without_a_name_the_dock_of_the_terminal_is_used() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let run = |name: &str, value: &str| {
        command(&project, dock, "ssh-dock").env(name, value).args(["--", "echo", "there"]).run()
    };
    run("DOCK_MONIKER", "gpu").status(0).stdout_is("there\n");
    run("DOCKER_IP", &dock.address().to_string()).status(0).stdout_is("there\n");
    run("DOCKER_IP", "192.0.2.9").status(1).stderr_has("there is no dock `192.0.2.9`");
    run("X", "").status(1).stderr_has("ssh-dock: specify a dock");
}

#[test]
#[ignore = "needs root: dock"]
fn the_fingerprint_of_a_new_host_key_is_printed_once() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).args(["gpu", "--no-check"]).run().status(0);
    let run = || command(&project, dock, "ssh-dock").args(["gpu", "--", "echo", "there"]).run();
    let first = run();
    first.status(0).stdout_is("there\n");
    let printed = messages(&first, "ssh-dock");
    assert!(printed.len() == 1 && printed[0].contains("trusted from now on: SHA256:"), "{printed:?}");
    let second = run();
    second.status(0).stdout_is("there\n");
    assert_eq!((messages(&second, "ssh-dock").len(), second.echoed().len()), (0, 1));
}

#[test]
fn a_dry_run_prints_the_command() {
    let project = Project::new();
    project
        .command("register-dock")
        .args(["192.0.2.1", "gpu", "-p", "2222", "-J", "me@gate", "--no-check"])
        .run()
        .status(0);
    let outcome = project
        .command("ssh-dock")
        .args([
            "gpu",
            "-L",
            "8888:localhost:8888",
            "-s",
            "-v -o 'SetEnv A=b c'",
            "--dry-run",
            "--",
            "ls",
            "a b",
        ])
        .run();
    let file = file(&project, "192.0.2.1", "ssh");
    outcome.status(0).echoes(&[&format!(
        "ssh -F {} -S none -o ClearAllForwardings=no -L 8888:localhost:8888 -v -o 'SetEnv A=b c' -- ubuntu@192.0.2.1 \
         \"ls 'a b'\"",
        file.display()
    )]);
}

#[test]
#[ignore = "needs root: dock"]
fn on_a_terminal_a_remote_command_has_a_terminal() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let terminal = command(&project, dock, "ssh-dock").args(["gpu", "--", "tty"]).spawn_in_terminal();
    terminal.wait_for("/dev/pts/");
    assert_eq!(terminal.wait().status, 0);
}

#[test]
#[ignore = "needs root: dock"]
fn other_programs_accept_the_moniker() {
    let dock = dock();
    let project = Project::new().file("a file", "contents\n");
    register(&project, dock).arg("gpu").run().status(0);
    let run = |program: &str, words: &[&str]| {
        let arguments = words.iter().copied();
        project.program(program).env("PATH", dock.path()).args(arguments).run().status(0).clone()
    };
    run("ssh", &["gpu", "id -un"]).stdout_is("ubuntu\n");
    run("scp", &["-q", "a file", "gpu:there"]);
    run("ssh", &["gpu", "cat there; rm there"]).stdout_is("contents\n");
    run("rsync", &["a file", "gpu:there"]);
    run("rsync", &["gpu:there", "back"]);
    assert_eq!(fs::read_to_string(project.root().join("back")).unwrap(), "contents\n");
    run("ssh", &["gpu", "rm there"]);
}

/// docker uses `ssh://` if sshd forwards no sockets, and in terminals that are not docked.
#[test]
#[ignore = "needs root: dock"]
fn docker_uses_the_docks_options_for_its_address() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let run = |host: &str| {
        let words = ["-H", host, "version", "--format", "{{.Server.Version}}"];
        project.program("docker").env("PATH", dock.path()).args(words).run()
    };
    let url = format!("ssh://ubuntu@{}", dock.address());
    let outcome = run(&url);
    outcome.status(0).check(outcome.stdout.starts_with(dock.version().prefix()), || "no docker".to_owned());
    // The dock's own known hosts are used, and not those of the user.
    assert!(!project.home().join(".ssh/known_hosts").exists());
    let other = project.program("ssh-keygen").args(["-y", "-f"]).arg(dock.key()).run().stdout;
    fs::write(file(&project, &dock.address(), "known_hosts"), format!("{} {other}", dock.address())).unwrap();
    run(&url).status(1).stderr_has("Host key verification failed");
}

#[test]
#[ignore = "needs root: dock"]
fn a_changed_host_key_is_refused_with_the_remedy() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let other = project.program("ssh-keygen").args(["-y", "-f"]).arg(dock.key()).run().stdout;
    let known_hosts = file(&project, &dock.address(), "known_hosts");
    fs::write(&known_hosts, format!("{} {other}", dock.address())).unwrap();
    for (name, args) in
        [("sync-up", &["gpu"][..]), ("sync-up", &["gpu", "--dry-run"]), ("sync-down", &["gpu"])]
    {
        let outcome = command(&project, dock, name).args(args.iter().copied()).run();
        let printed = messages(outcome.status(1), name);
        let advice = format!("`unregister-dock {}` and register it again", dock.address());
        outcome.check(printed.last().is_some_and(|last| last.contains(&advice)), || advice);
    }
    // ssh-dock becomes ssh, whose own message names the file.
    let outcome = command(&project, dock, "ssh-dock").args(["gpu", "--", "true"]).run();
    outcome.status(255).stderr_has("IDENTIFICATION HAS CHANGED").stderr_has(&known_hosts.to_string_lossy());
}

#[test]
#[ignore = "needs root: dock"]
fn known_hosts_that_is_a_fifo_is_not_read() {
    let dock = dock();
    let project = Project::new();
    register(&project, dock).arg("gpu").run().status(0);
    let known_hosts = file(&project, &dock.address(), "known_hosts");
    fs::remove_file(&known_hosts).unwrap();
    nix::unistd::mkfifo(&known_hosts, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let advice = format!("~/.docker/{}/known_hosts a file that you can write", dock.address());
    for args in [&["ssh-dock", "gpu", "--", "true"][..], &["sync-up", "gpu"]] {
        let outcome = command(&project, dock, args[0]).args(args[1..].iter().copied()).run();
        outcome.status(1).stderr_has(&advice);
    }
}
