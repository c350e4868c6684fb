//! The command lines of docker for each pattern of the example project, and the message of hello without a busybox.

use dockerutils_testkit::Outcome;

use super::copied_to;

/// Returns the arguments of the docker call that `run-image` makes with these arguments.
fn docker_run(args: &[&str], env: &[(&str, &str)]) -> String {
    let project = copied_to("examples");
    let command =
        env.iter().fold(project.command("run-image"), |command, (name, value)| command.env(*name, *value));
    let outcome = command.args(args).run();
    outcome.status(0).stderr_lacks("unknown key");
    assert_eq!(outcome.calls.len(), 1);
    outcome.calls[0].join(" ").replace(&*project.root().to_string_lossy(), "ROOT")
}

#[track_caller]
fn has(arguments: &str, expected: &str) {
    assert!(format!(" {arguments} ").contains(&format!(" {expected} ")), "{arguments}\nlacks {expected}");
}

#[test]
fn hello_gets_variables_of_a_section_before_those_of_the_command_line() {
    let arguments = docker_run(&["hello", "-e", "GREETING=Salut"], &[("AWS_SECRET_ACCESS_KEY", "s")]);
    has(&arguments, "--network none");
    has(&arguments, "-v ROOT:/project:ro");
    has(&arguments, "--read-only");
    assert!(arguments.find("GREETING=Hello") < arguments.find("GREETING=Salut"), "{arguments}");
    assert!(!arguments.contains("AWS_"), "{arguments}");
}

#[test]
fn dev_mounts_the_project_and_on_a_dock_the_workspace() {
    has(&docker_run(&["dev"], &[]), "-v ROOT:/workspace");
    let docked = docker_run(&["dev"], &[("DOCKER_HOST", "ssh://dock"), ("DOCKER_IP", "192.0.2.1")]);
    has(&docked, "-v /data/workspaces/tester/code/examples:/workspace");
}

#[test]
fn shell_runs_dev_with_another_command() {
    has(&docker_run(&["shell"], &[]), "examples-dev:tester bash -c python -m greeter tester; exec bash");
}

#[test]
fn the_gpu_key_sets_the_environment() {
    assert!(!docker_run(&["tensorflow"], &[]).contains("gpu"));
    has(&docker_run(&["-g", "tensorflow"], &[]), "--gpus all -e COMPUTE=gpu");
    has(&docker_run(&["train"], &[]), "--gpus all -e COMPUTE=gpu");
}

#[test]
fn python_runs_an_image_of_another_origin() {
    has(&docker_run(&["python"], &[]), "python:3.12-slim python3");
}

#[test]
fn every_image_is_built_with_the_base_of_this_user() {
    let outcome = copied_to("examples").command("build-image").args(["--dry-run", "all"]).run();
    outcome.status(0).stderr_lacks("unknown key").calls_are(&[]);
    for expected in [
        "-t examples-dev:tester -f docker/dev/Dockerfile --build-arg BASE=examples-base:tester .",
        "-t examples-cicd-builder:tester -f docker/cicd/Dockerfile --build-arg BASE=examples-base:tester .",
        "-t examples-prod:1.0 -f docker/prod/Dockerfile --build-arg CICD=examples-cicd:tester .",
    ] {
        outcome.stderr_has(expected);
    }
}

#[test]
fn the_commands_of_the_readme_are_valid() {
    let project = copied_to("examples");
    let readme = super::read("README.md");
    let commands = readme.lines().filter_map(|line| line.strip_prefix("    "));
    let ours = commands.filter(|line| line.starts_with("build-image ") || line.starts_with("run-image "));
    for line in ours.clone() {
        let mut words = line.split(' ');
        let name = words.next().expect("a command");
        project.command(name).args(words).arg("--dry-run").run().status(0).stderr_lacks("unknown key");
    }
    assert!(ours.count() > 10);
}

fn hello_made_of(busybox: &str) -> Outcome {
    copied_to("examples").command("build-image").arg("hello").env("BUSYBOX", busybox).run()
}

#[test]
fn without_a_static_busybox_hello_names_the_package_to_install() {
    for (busybox, reason) in
        [("/nowhere/busybox", "/nowhere/busybox is not here"), ("/bin/ls", "/bin/ls is not static")]
    {
        let outcome = hello_made_of(busybox);
        outcome.status(1).calls_are(&[]);
        let messages: Vec<&str> = outcome.stderr.lines().filter(|line| line.starts_with("hello: ")).collect();
        assert_eq!(messages.len(), 1, "{}", outcome.stderr);
        assert!(
            messages[0].contains(reason) && messages[0].ends_with("apt-get install busybox-static)"),
            "{}",
            messages[0]
        );
    }
}
