//! Secrets are not part of arguments or echoes; docker gets them in its environment.

use dockerutils_testkit::Project;

const SECRETS: &[(&str, &str)] = &[
    ("AWS_SECRET_ACCESS_KEY", "hush-1"),
    ("AWS_SESSION_TOKEN", "hush-2"),
    ("AWS_SECURITY_TOKEN", "hush-3"),
    ("API_TOKEN", "hush-4"),
];

#[test]
fn secrets_are_not_in_the_echo_or_in_dockers_command_line() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(
        "[dev]\nenvironment=-e API_TOKEN=$API_TOKEN -e OTHER=${API_TOKEN} --env=THIRD=$API_TOKEN\nenv=vars\n\
         build_args=--build-arg TOKEN=$API_TOKEN --build-arg=AGAIN=$API_TOKEN\n[vars]\nFOURTH=$API_TOKEN\n",
    );
    for command in ["run-image", "build-image"] {
        // The recording docker prints its own command line, as every user of the machine can read it.
        let mut invocation =
            project.command(command).arg("dev").docker_runs("tr '\\0' ' ' </proc/$$/cmdline");
        for (name, value) in SECRETS {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stderr_lacks("hush");
        outcome.check(outcome.stdout.contains("proj-dev:tester"), || {
            "the command line is not printed".to_owned()
        });
        outcome.check(!outcome.stdout.contains("hush"), || "a secret is in the command line".to_owned());
        outcome.check(!outcome.calls[0].iter().any(|arg| arg.contains("hush")), || {
            "a secret is in an argument".to_owned()
        });
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
fn the_echo_names_the_variable_of_a_secret() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nenvironment=-e OTHER=$API_TOKEN\n");
    let outcome = project.command("run-image").args(["dev", "-t", "x"]).env("API_TOKEN", "hush").run();
    let echoed = outcome.echoed();
    let echo = &echoed[0];
    assert!(
        echo.starts_with("OTHER=\"$API_TOKEN\" docker run ") && echo.ends_with(" -e OTHER proj-dev:x"),
        "{echo}"
    );
}
