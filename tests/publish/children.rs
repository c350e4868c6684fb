//! The password: in no argument and no environment of any child, in nothing that is said, and in no file of ours.

use std::fs;

use dockerutils_testbed::ecr::PASSWORD;

use super::{ANSWERS, OnEngine, SAMPLE, configured, engines_with_ecr};

/// A docker that writes down what anybody could read of it, and is the real one then.
const WATCHED: &str = "#!/bin/sh
{ echo \"== $*\"; tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; } >>\"$SEEN\"
exec \"$REAL\" \"$@\"
";

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn no_child_shows_the_password() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("children", engine, SAMPLE);
        let project = on.project.clone().executable("programs/docker", WATCHED);
        let real = on.at_home(project.program("sh").args(["-c", "command -v docker"])).run().stdout;
        let seen = project.root().join("seen");
        let outcome = on
            .publish()
            .env("REAL", real.trim_end())
            .env("SEEN", &seen)
            .path_first(&project.root().join("programs"))
            .run();
        outcome.status(0).stderr_has("Login Succeeded").stderr_lacks(PASSWORD);
        let seen = fs::read_to_string(seen).expect("what was seen");
        for child in ["image inspect", "login --username AWS", "tag ", "push "] {
            assert!(seen.contains(&format!("== {child}")), "{seen}");
        }
        assert!(!seen.contains(PASSWORD), "{seen}");
        assert!(!outcome.stdout.contains(PASSWORD));
    }
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn docker_reads_it_from_standard_input() {
    let ecr = dockerutils_testbed::ecr::ecr();
    let project = configured(SAMPLE);
    let script = format!("case $1 in login) cat >got ;; esac\n{ANSWERS}");
    let outcome = project.command("publish-image").arg("prod").uses(ecr).docker_runs(&script).run();
    outcome.status(0).stderr_lacks(PASSWORD);
    let host = dockerutils_testbed::ecr::HOST;
    let login = outcome.calls.iter().find(|call| call[0] == "login").expect("a login");
    assert_eq!(login[1..], ["--username", "AWS", "--password-stdin", host]);
    assert_eq!(fs::read_to_string(project.root().join("got")).expect("what it got"), PASSWORD);
    for call in &outcome.records {
        let held = call.env.values().chain(&call.args).any(|text| text.to_string_lossy().contains(PASSWORD));
        outcome.check(!held, || format!("{:?} holds the password", call.words()));
    }
}
