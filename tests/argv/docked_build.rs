//! `build-image` on a dock: which queries it makes, and when it makes docker use BuildKit.

use dockerutils_testkit::{Call, Invocation, Project};

use super::STAGES;

const BUILDER: &str = "docker build --target builder -t proj-dev-builder:tester -f docker/dev/Dockerfile .";
const WHOLE: &str = "docker build -t proj-dev:tester -f docker/dev/Dockerfile .";
const CLIENT_QUERY: &str = "docker --version";
const ENGINE_QUERY: &str = "docker info --format '{{.ServerVersion}} {{.DefaultRuntime}}'";

/// `dev` has a builder stage, `plain` has none, and the dock `gpu` is registered.
fn project() -> Project {
    let project = Project::new().dockerfile("dev", STAGES).dockerfile("plain", "FROM scratch\n");
    project.command("register-dock").args(["10.0.0.1", "gpu", "--no-check"]).run().status(0);
    project
}

/// `build-image`, docked, with a client and an engine of these versions.
fn build(project: &Project, client: &str, engine: &str) -> Invocation {
    let script = format!(
        "case $1 in --version) echo 'Docker version {client}, build 1' ;; info) echo '{engine}' ;; esac"
    );
    project
        .command("build-image")
        .env("DOCKER_HOST", "unix:///nowhere.sock")
        .env("DOCKER_IP", "10.0.0.1")
        .docker_runs(&script)
}

/// The verbs of docker's calls, each with the value of DOCKER_BUILDKIT.
fn calls(records: &[Call]) -> Vec<String> {
    let buildkit =
        |call: &Call| call.var("DOCKER_BUILDKIT").map(|value| value.to_string_lossy().into_owned());
    records
        .iter()
        .map(|call| format!("{} {}", call.words()[0], buildkit(call).unwrap_or_default()).trim().to_owned())
        .collect()
}

#[test]
fn an_image_with_two_builds_is_built_by_buildkit() {
    let outcome = build(&project(), "20.10.24+dfsg1", "20.10.24+dfsg1 runc").arg("dev").run();
    outcome
        .status(0)
        .stdout_is("")
        .stderr_has("build-image: DOCKER_BUILDKIT=1 for an image with a stage `builder`: ");
    outcome.stderr_has("send the context to gpu once").stderr_has("DOCKER_BUILDKIT=0 keeps");
    assert_eq!(calls(&outcome.records), ["--version", "info", "build 1", "build 1"]);
    let with_buildkit = |build: &str| format!("DOCKER_BUILDKIT=1 {build}");
    outcome.echoes(&[CLIENT_QUERY, ENGINE_QUERY, &with_buildkit(BUILDER), &with_buildkit(WHOLE)]);
}

#[test]
fn an_image_with_one_build_is_built_as_before() {
    let outcome = build(&project(), "20.10.24", "20.10.24 runc").args(["plain", "dev"]).run();
    assert_eq!(calls(&outcome.status(0).records), ["--version", "info", "build", "build 1", "build 1"]);
    let outcome = build(&project(), "20.10.24", "20.10.24 runc").arg("plain").run();
    assert_eq!(calls(&outcome.status(0).records), ["build"]);
}

#[test]
fn a_dry_run_shows_the_same_commands_and_queries_only_the_client() {
    let outcome = build(&project(), "20.10.24", "").args(["dev", "--dry-run"]).run();
    assert_eq!(calls(&outcome.status(0).records), ["--version"]);
    let with_buildkit = |build: &str| format!("DOCKER_BUILDKIT=1 {build}");
    outcome.echoes(&[CLIENT_QUERY, ENGINE_QUERY, &with_buildkit(BUILDER), &with_buildkit(WHOLE)]);
    let outcome = build(&project(), "26.1.5", "").args(["dev", "--dry-run"]).run();
    outcome.status(0).echoes(&[CLIENT_QUERY, BUILDER, WHOLE]);
    let outcome = build(&project(), "20.10.24", "").args(["dev", "--dry-run"]).no_docker().run();
    outcome.status(0).echoes(&[BUILDER, WHOLE]);
}

#[test]
fn a_builder_that_the_user_has_chosen_is_kept() {
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
fn clients_and_engines_of_other_versions_are_built_as_before() {
    let outcome = build(&project(), "26.1.5", "20.10.24 runc").arg("dev").run();
    assert_eq!(calls(&outcome.status(0).records), ["--version", "build", "build"]);
    for engine in ["20.10.24 nvidia", "26.1.5 runc", "18.06.3-ce runc", ""] {
        let outcome = build(&project(), "20.10.24", engine).arg("dev").run();
        assert_eq!(calls(&outcome.status(0).records), ["--version", "info", "build", "build"], "{engine:?}");
        outcome.stderr_lacks("DOCKER_BUILDKIT");
    }
}

#[test]
fn a_terminal_that_is_not_docked_makes_no_query() {
    let invocation = build(&project(), "20.10.24", "20.10.24 runc").arg("dev");
    let outcome = invocation.env_remove("DOCKER_HOST").env_remove("DOCKER_IP").run();
    assert_eq!(calls(&outcome.status(0).records), ["build", "build"]);
}
