//! `debug-image --last` when the engine changes meanwhile.

use dockerutils_testkit::{Outcome, Project};

/// Lists a container of dev that has ended, one that could not be started, and one that runs.
const LISTED: &str = r#"["c1","tester_dev_26-11-27_10.00.00.1","proj-dev:tester","running","Up 2 seconds","","2026-11-27 10:00:03 +0000 UTC"]
["c2","tester_dev_26-11-27_10.00.00.2","proj-dev:tester","created","Created","","2026-11-27 10:00:02 +0000 UTC"]
["c3","tester_web_26-11-27_10.00.00.3","proj-web:tester","exited","Exited (1) now","","2026-11-27 10:00:01 +0000 UTC"]
["c4","eve_dev_26-11-27_10.00.00.4","proj-dev:eve","exited","Exited (1) now","","2026-11-27 10:00:00 +0000 UTC"]
"#;

/// What docker prints about c3, whose log has an escape sequence.
const INSPECTED: &str = r#"[{"Id":"c3","Name":"/tester_web_26-11-27_10.00.00.3","Image":"sha256:1b","Path":"serve","Args":["a b"],
"State":{"Running":false,"OOMKilled":false,"ExitCode":1,"Error":"","StartedAt":"2026-11-27T10:00:01Z","FinishedAt":"2026-11-27T10:00:03Z"},
"Config":{"Image":"proj-web:tester"},"HostConfig":{"Memory":0,"ShmSize":67108864}}]"#;

fn last(args: &[&str], calls: &str) -> Outcome {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .dockerfile("web", "FROM scratch\n")
        .file("listed", LISTED)
        .file("inspected", INSPECTED);
    let root = project.root().display().to_string();
    let script = format!("cd '{root}'\ncase $* in 'container ls'*) cat listed ;;\n{calls}\nesac");
    project.command("debug-image").arg("--last").args(args).docker_runs(&script).run()
}

/// docker for c3; c2 has been removed since it was listed.
const RESPONDS: &str = "\
'container inspect c2') echo '[]'; echo 'Error: No such container: c2' >&2; exit 1 ;;
'container inspect c3') cat inspected ;;
info*) echo '[2000000000,\"x86_64\"]' ;;
'image inspect'*) echo amd64 ;;
logs*) printf '2026-11-27T10:00:01Z \\033[2Jstart\\n'; echo '2026-11-27T10:00:02Z Bus error' >&2 ;;";

#[test]
fn a_container_that_was_removed_meanwhile_is_passed_over_and_the_next_one_is_examined() {
    let outcome = last(&[], RESPONDS);
    outcome.status(0);
    for line in [
        "tester_web_26-11-27_10.00.00.3 of proj-web:tester",
        "  command       serve 'a b'",
        "  exit status   1",
        "  memory        sufficient (no limit, the engine's machine has 2.0 GB)",
        "  architecture  image amd64, engine amd64",
        "  log           its last 2 lines",
        "  | \\x1b[2Jstart",
        "  | Bus error",
        "cause: /dev/shm, which has 64 MB, is full",
        "remedy: give the container more shared memory: `args=--shm-size 2g`",
    ] {
        outcome.check(outcome.stdout.lines().any(|printed| printed == line), || format!("no line {line:?}"));
    }
    // Without a terminal no copy is made.
    outcome.stderr_lacks("commit").stderr_lacks("docker run");
    let json: serde_json::Value = serde_json::from_str(&last(&["--json"], RESPONDS).stdout).expect("JSON");
    assert_eq!((json["image"].as_str(), json["causes"][0]["id"].as_str()), (Some("web"), Some("shm")));
}

#[test]
fn without_a_container_that_has_ended_the_flag_that_keeps_one_is_named() {
    let outcome = last(&["dev"], RESPONDS);
    outcome.status(1).stdout_is("").stderr_has("debug-image: no container of dev that has ended is left");
    outcome.stderr_has("`run-image --keep-failed`");
    last(&["dve"], RESPONDS).status(1).stderr_has("did you mean `dev`?");
}

#[test]
fn an_engine_that_goes_down_meanwhile_is_dockers_own_failure() {
    let down = "*) echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;";
    for calls in [
        down.to_owned(),
        format!(
            "'container inspect c2') echo '[]'; echo 'no such container' >&2; exit 1 ;;\n'container inspect c3') cat inspected ;;\n{down}"
        ),
    ] {
        let outcome = last(&["web"], &calls);
        outcome.status(1).stdout_is("").stderr_has("Cannot connect to the Docker daemon");
    }
    last(&[], "'container inspect'*) echo '[{}]' ;;").status(1).stderr_has("not in the documented format");
}
