//! The password appears in no argument, environment variable, message or file of ours.

use std::fs;

use dockerutils_testbed::ecr::PASSWORD;

use super::{DOCKER_WITH_IMAGE, OnEngine, SAMPLE, configured, engines_with_ecr};

/// A docker that records what other processes can read of it, and then becomes the real one.
const WATCHED: &str = "#!/bin/sh
{ echo \"== $*\"; tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; } >>\"$RECORD\"
exec \"$REAL\" \"$@\"
";

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn the_password_is_in_no_argument_or_variable_of_a_child() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("children", engine, SAMPLE);
        let project = on.project.clone().executable("programs/docker", WATCHED);
        let real = on.at_home(project.program("sh").args(["-c", "command -v docker"])).run().stdout;
        let record = project.root().join("record");
        let outcome = on
            .publish()
            .env("REAL", real.trim_end())
            .env("RECORD", &record)
            .path_first(&project.root().join("programs"))
            .run();
        outcome.status(0).stderr_has("Login Succeeded").stderr_lacks(PASSWORD);
        let record = fs::read_to_string(record).expect("a record");
        for child in ["image inspect", "login --username AWS", "tag ", "push "] {
            assert!(record.contains(&format!("== {child}")), "{record}");
        }
        assert!(!record.contains(PASSWORD), "{record}");
        assert!(!outcome.stdout.contains(PASSWORD));
    }
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn docker_reads_the_password_from_standard_input() {
    let ecr = dockerutils_testbed::ecr::ecr();
    let project = configured(SAMPLE);
    let script = format!("case $1 in login) cat >input ;; esac\n{DOCKER_WITH_IMAGE}");
    let outcome = project.command("publish-image").arg("prod").uses(ecr).docker_runs(&script).run();
    outcome.status(0).stderr_lacks(PASSWORD);
    let host = dockerutils_testbed::ecr::HOST;
    let login = outcome.calls.iter().find(|call| call[0] == "login").expect("a login");
    assert_eq!(login[1..], ["--username", "AWS", "--password-stdin", host]);
    assert_eq!(fs::read_to_string(project.root().join("input")).expect("the input"), PASSWORD);
    for call in &outcome.records {
        let held = call.env.values().chain(&call.args).any(|text| text.to_string_lossy().contains(PASSWORD));
        outcome.check(!held, || format!("{:?} holds the password", call.words()));
    }
}
