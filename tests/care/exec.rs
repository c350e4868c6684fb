//! `exec-image`.

use super::{container, docker_lists, name, project};

const SHELL: &str = "if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh";

#[test]
fn docker_gets_the_command_line_of_exec() {
    let project = project();
    let dev = name("dev", 1);
    let listed = container(&dev, "proj-dev:tester", "Up 2 hours", "");
    let rows: [(&[&str], &[&str]); 4] = [
        (&["dev"], &["-i", &dev, "sh", "-c", SHELL]),
        (&["dev", "--", "pytest", "-k", "a or b"], &["-i", &dev, "pytest", "-k", "a or b"]),
        (
            &["-u", "0:0", "-w", "/w", "-e", "A=b c", "-e", "HOME", "dev", "--", "env"],
            &["-i", "-u", "0:0", "-w", "/w", "-e", "A=b c", "-e", "HOME", &dev, "env"],
        ),
        // A secret is passed by name.
        (&["-e", "TOKEN=hush", "dev", "--", "env"], &["-i", "-e", "TOKEN", &dev, "env"]),
    ];
    for (args, expected) in rows {
        let outcome = docker_lists(&project, project.command("exec-image").args(args), &listed, "").run();
        outcome.status(0).stderr_lacks("hush");
        assert_eq!(outcome.calls.len(), 2, "one call besides exec");
        assert_eq!(outcome.calls[1][0], "exec");
        assert_eq!(outcome.calls[1][1..], *expected, "{args:?}");
    }
}

#[test]
fn the_newest_of_several_containers_is_chosen_and_named() {
    let project = project();
    let (newest, older, shell) = (name("dev", 2), name("dev", 1), name("shell", 3));
    let listed = container(&shell, "proj-dev:tester", "Up 1 minute", "")
        + &container(&name("dev", 9), "proj-dev:tester", "Created", "")
        + &container(&newest, "proj-dev:tester", "Up 2 hours", "")
        + &container(&older, "proj-dev:tester", "Up 3 hours", "");
    let exec =
        |args: &[&str]| docker_lists(&project, project.command("exec-image").args(args), &listed, "").run();
    let outcome = exec(&["dev", "--", "true"]);
    let note = format!(
        "exec-image: {newest} is the newest of 2 containers of dev that run (--name chooses another: {older})\n"
    );
    outcome.status(0).stderr_has(&note);
    assert_eq!(outcome.calls[1], ["exec", "-i", &newest, "true"]);
    let outcome = exec(&["dev", "--name", &older, "--", "true"]);
    outcome.status(0).stderr_lacks("newest");
    assert_eq!(outcome.calls[1], ["exec", "-i", &older, "true"]);
    assert_eq!(exec(&["shell", "--", "true"]).status(0).calls[1], ["exec", "-i", &shell, "true"]);
    exec(&["dev", "--name", &name("dev", 9)]).status(1).stderr_has(" does not run: Created\n");
    let sentence = "exec-image: dev has no container x: `ls-image dev` lists those that it has\n";
    exec(&["dev", "--name", "x"]).status(1).stderr_has(sentence);
}

#[test]
fn without_a_running_container_the_command_that_starts_one_is_named() {
    let project = project();
    let exec =
        |listed: &str| docker_lists(&project, project.command("exec-image").arg("dev"), listed, "").run();
    exec("").status(1).stderr_has("exec-image: no container of dev runs: `run-image dev` starts one\n");
    let ended = container(&name("dev", 1), "proj-dev:tester", "Exited (3) 5 minutes ago", "");
    let sentence = format!(
        "no container of dev runs: `run-image dev` starts one (not running: {}: Exited (3) 5 minutes ago)\n",
        name("dev", 1)
    );
    exec(&ended).status(1).stderr_has(&sentence);
    let many: String =
        (0..9).map(|n| container(&name("dev", n), "proj-dev:tester", "Exited (0) 1 day ago", "")).collect();
    exec(&many).status(1).stderr_has(", and 4 more)\n");
}

#[test]
fn a_dry_run_needs_no_engine() {
    let project = project();
    let outcome = project.command("exec-image").args(["dev", "--dry-run", "--", "true"]).no_docker().run();
    outcome
        .status(0)
        .stderr_has("docker exec -i NAME true\n")
        .stderr_has("NAME stands for the newest container");
}
