//! What `build-image` asks and tells docker on a dock, where the context is sent over the network.

use dockerutils_testkit::{Call, Invocation, Project};

use super::STAGES;

const BUILDER: &str = "docker build --target builder -t proj-dev-builder:tester -f docker/dev/Dockerfile .";
const WHOLE: &str = "docker build -t proj-dev:tester -f docker/dev/Dockerfile .";
const ASK_CLIENT: &str = "docker --version";
const ASK_ENGINE: &str = "docker info --format '{{.ServerVersion}} {{.DefaultRuntime}}'";

/// `dev` has a builder stage and `plain` has none; the project's home knows a dock as `gpu`.
fn project() -> Project {
    let project = Project::new().dockerfile("dev", STAGES).dockerfile("plain", "FROM scratch\n");
    project.command("register-dock").args(["10.0.0.1", "gpu", "--no-check"]).run().status(0);
    project
}

/// `build-image`, docked, with a docker that is this client and leads to this engine.
fn build(project: &Project, client: &str, engine: &str) -> Invocation {
    let answers = format!(
        "case $1 in --version) echo 'Docker version {client}, build 1' ;; info) echo '{engine}' ;; esac"
    );
    project
        .command("build-image")
        .env("DOCKER_HOST", "unix:///nowhere.sock")
        .env("DOCKER_IP", "10.0.0.1")
        .docker_runs(&answers)
}

/// The verbs of docker's calls, each with what DOCKER_BUILDKIT is there.
fn calls(records: &[Call]) -> Vec<String> {
    let buildkit =
        |call: &Call| call.var("DOCKER_BUILDKIT").map(|value| value.to_string_lossy().into_owned());
    records
        .iter()
        .map(|call| format!("{} {}", call.words()[0], buildkit(call).unwrap_or_default()).trim().to_owned())
        .collect()
}

#[test]
fn two_builds_are_told_to_take_buildkit() {
    let outcome = build(&project(), "20.10.24+dfsg1", "20.10.24+dfsg1 runc").arg("dev").run();
    outcome
        .status(0)
        .stdout_is("")
        .stderr_has("build-image: DOCKER_BUILDKIT=1 for an image with a stage `builder`: ");
    outcome.stderr_has("send the context to gpu once").stderr_has("DOCKER_BUILDKIT=0 keeps");
    assert_eq!(calls(&outcome.records), ["--version", "info", "build 1", "build 1"]);
    let told = |build: &str| format!("export DOCKER_BUILDKIT=1\n{build}");
    outcome.echoes(&[ASK_CLIENT, ASK_ENGINE, &told(BUILDER), &told(WHOLE)]);
}

#[test]
fn only_what_takes_two_builds_is_told() {
    let outcome = build(&project(), "20.10.24", "20.10.24 runc").args(["plain", "dev"]).run();
    assert_eq!(calls(&outcome.status(0).records), ["--version", "info", "build", "build 1", "build 1"]);
    let outcome = build(&project(), "20.10.24", "20.10.24 runc").arg("plain").run();
    assert_eq!(calls(&outcome.status(0).records), ["build"]);
}

#[test]
fn a_dry_run_shows_the_same_and_asks_no_engine() {
    let outcome = build(&project(), "20.10.24", "").args(["dev", "--dry-run"]).run();
    assert_eq!(calls(&outcome.status(0).records), ["--version"]);
    let told = |build: &str| format!("export DOCKER_BUILDKIT=1\n{build}");
    outcome.echoes(&[ASK_CLIENT, ASK_ENGINE, &told(BUILDER), &told(WHOLE)]);
    let outcome = build(&project(), "26.1.5", "").args(["dev", "--dry-run"]).run();
    outcome.status(0).echoes(&[ASK_CLIENT, BUILDER, WHOLE]);
    let outcome = build(&project(), "20.10.24", "").args(["dev", "--dry-run"]).no_docker().run();
    outcome.status(0).echoes(&[BUILDER, WHOLE]);
}

#[test]
fn what_the_user_says_stays() {
    for value in ["0", "1", ""] {
        let outcome =
            build(&project(), "20.10.24", "20.10.24 runc").arg("dev").env("DOCKER_BUILDKIT", value).run();
        let build = format!("build {value}").trim().to_owned();
        assert_eq!(calls(&outcome.status(0).records), [build.clone(), build], "{value:?}");
        outcome.stderr_lacks("DOCKER_BUILDKIT");
    }
    for flags in [&["--squash"][..], &["--memory", "4g"], &["--network=mine"]] {
        let outcome = build(&project(), "20.10.24", "20.10.24 runc").args(["dev", "--"]).args(flags).run();
        assert_eq!(calls(&outcome.status(0).records), ["build", "build"], "{flags:?}");
    }
    let syntax = project().dockerfile("dev", format!("# syntax=docker/dockerfile:1\n{STAGES}"));
    let outcome = build(&syntax, "20.10.24", "20.10.24 runc").arg("dev").run();
    assert_eq!(calls(&outcome.status(0).records), ["build", "build"]);
    let configured = project().cfg("[dev]\nbuild_args=--cpuset-cpus 0\n");
    let outcome = build(&configured, "20.10.24", "20.10.24 runc").arg("dev").run();
    assert_eq!(calls(&outcome.status(0).records), ["build", "build"]);
}

#[test]
fn other_dockers_are_left_to_themselves() {
    let outcome = build(&project(), "26.1.5", "20.10.24 runc").arg("dev").run();
    assert_eq!(calls(&outcome.status(0).records), ["--version", "build", "build"]);
    for engine in ["20.10.24 nvidia", "26.1.5 runc", "18.06.3-ce runc", ""] {
        let outcome = build(&project(), "20.10.24", engine).arg("dev").run();
        assert_eq!(calls(&outcome.status(0).records), ["--version", "info", "build", "build"], "{engine:?}");
        outcome.stderr_lacks("DOCKER_BUILDKIT");
    }
}

#[test]
fn at_home_nobody_is_asked() {
    let invocation = build(&project(), "20.10.24", "20.10.24 runc").arg("dev");
    let outcome = invocation.env_remove("DOCKER_HOST").env_remove("DOCKER_IP").run();
    assert_eq!(calls(&outcome.status(0).records), ["build", "build"]);
}
