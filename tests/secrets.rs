//! A secret stands in no argument and in no echo; the child has it in its environment.

use dockerutils_testkit::Project;

const SECRETS: &[(&str, &str)] = &[
    ("AWS_SECRET_ACCESS_KEY", "hush-1"),
    ("AWS_SESSION_TOKEN", "hush-2"),
    ("AWS_SECURITY_TOKEN", "hush-3"),
    ("API_TOKEN", "hush-4"),
];

#[test]
fn neither_in_the_echo_nor_in_the_arguments_of_the_real_child() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(
        "[dev]\nenvironment=-e API_TOKEN=$API_TOKEN -e OTHER=${API_TOKEN} --env=THIRD=$API_TOKEN\nenv=vars\n\
         build_args=--build-arg TOKEN=$API_TOKEN --build-arg=AGAIN=$API_TOKEN\n[vars]\nFOURTH=$API_TOKEN\n",
    );
    for command in ["run-image", "build-image"] {
        // The recording docker shows what everybody on the machine could read of it.
        let mut invocation =
            project.command(command).arg("dev").docker_runs("tr '\\0' ' ' </proc/$$/cmdline");
        for (name, value) in SECRETS {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stderr_lacks("hush");
        outcome.check(outcome.stdout.contains("proj-dev:tester"), || "it shows its command line".to_owned());
        outcome.check(!outcome.stdout.contains("hush"), || "a secret stands in the command line".to_owned());
        outcome
            .check(!outcome.calls[0].iter().any(|arg| arg.contains("hush")), || "in an argument".to_owned());
        let names: &[&str] =
            if command == "run-image" { &["OTHER", "THIRD", "FOURTH"] } else { &["TOKEN", "AGAIN"] };
        for name in names {
            assert_eq!(
                outcome.records[0].var(name).and_then(|value| value.to_str()),
                Some("hush-4"),
                "{name}"
            );
        }
    }
}

#[test]
fn the_echo_says_where_a_secret_comes_from() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nenvironment=-e OTHER=$API_TOKEN\n");
    let outcome = project.command("run-image").args(["dev", "-t", "x"]).env("API_TOKEN", "hush").run();
    let echoed = outcome.echoed();
    let (first, second) = echoed[0].split_once('\n').expect("two lines");
    assert_eq!(first, "export OTHER=\"$API_TOKEN\"");
    assert!(second.starts_with("docker run ") && second.ends_with(" -e OTHER proj-dev:x"), "{second}");
}
