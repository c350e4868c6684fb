//! The commands on engines of each version and store.

use std::fs;

use dockerutils_testbed::{Engine, engines, engines_of_each_store};
use dockerutils_testkit::{Invocation, Project};

fn project(name: &str) -> Project {
    Project::named(name)
        .dockerfile("dev", "FROM busybox:latest\nRUN echo one > /version\n")
        .cfg("[dev]\ncmd=sleep 1000\nports=-p 127.0.0.1::80\n")
}

fn command(project: &Project, engine: &Engine, name: &str, args: &[&str]) -> Invocation {
    project.command(name).args(args).uses(engine)
}

/// Returns the names that `ls-image -q` prints.
fn running(project: &Project, engine: &Engine) -> Vec<String> {
    let outcome = command(project, engine, "ls-image", &["-q", "dev"]).run();
    outcome.status(0).stdout.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs root: private engine"]
fn a_container_is_listed_entered_and_stopped_also_after_its_tag_has_moved_on() {
    for engine in engines_of_each_store() {
        let project = project("care");
        command(&project, engine, "run-image", &["dev"])
            .run()
            .status(1)
            .stderr_has("`build-image dev` makes it\n");
        command(&project, engine, "run-image", &["--build", "-k", "dev"]).run().status(0);
        let first = running(&project, engine);
        let dockerfile = project.root().join("docker/dev/Dockerfile");
        fs::write(dockerfile, "FROM busybox:latest\nRUN echo two > /version\n").expect("a Dockerfile");
        command(&project, engine, "build-image", &["dev"]).run().status(0);
        command(&project, engine, "run-image", &["-k", "dev"]).run().status(0);
        let both = running(&project, engine);
        assert_eq!((first.len(), both.len(), &both[1]), (1, 2, &first[0]));
        let table = command(&project, engine, "ls-image", &["dev"]).run();
        table.status(0).stderr_lacks("warning");
        let lines: Vec<&str> = table.stdout.lines().collect();
        let port = engine.docker(&["port", &both[0], "80"]);
        let port = port.lines().next().expect("a port");
        assert!(lines[1].contains(" built ") && lines[1].ends_with(&format!(" http://{port}")), "{lines:?}");
        assert!(
            lines[2].contains(&format!("{}: Up ", first[0])) && lines[2].contains(", of an earlier build")
        );
        let exec = |args: &[&str]| command(&project, engine, "exec-image", args).run();
        exec(&["dev", "--", "cat", "/version"]).status(0).stdout_is("two\n");
        exec(&["dev", "--name", &first[0], "--", "cat", "/version"]).status(0).stdout_is("one\n");
        exec(&["dev", "--", "sh", "-c", "exit 7"]).status(7);
        let stopped = command(&project, engine, "stop-image", &["dev", "-t", "1", "--rm"]).run();
        let left = engine.docker(&["container", "ls", "-a", "--format", "{{.Names}}"]);
        let is_gone = both.iter().all(|name| left.lines().all(|other| other != name));
        stopped.status(0).check(is_gone, || format!("left: {left}"));
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn without_a_command_a_terminal_gets_bash_if_the_container_has_it() {
    let engine = &engines()[0];
    let project = project("shells");
    command(&project, engine, "run-image", &["-b", "-k", "dev"]).run().status(0);
    let container = running(&project, engine).remove(0);
    let terminal = command(&project, engine, "exec-image", &["dev"]).spawn_in_terminal();
    terminal.wait_for("# ");
    terminal.types("test -t 0 && echo $((6 * 7)) is it; exit 5\r");
    terminal.wait().status(5).stderr_has("42 is it");
    let script = "printf '#!/bin/sh\\necho I am bash\\n' > /bin/bash; chmod +x /bin/bash";
    engine.docker(&["exec", &container, "sh", "-c", script]);
    command(&project, engine, "exec-image", &["dev"]).run().status(0).stdout_is("I am bash\n");
    command(&project, engine, "stop-image", &["all", "-t", "1", "--rm"]).run().status(0);
}
