//! Docker's command line and its configuration.

use std::fs;

use dockerutils_testkit::Project;

use super::{assert_finding, check, project};

/// Writes docker's own configuration in the project's home.
fn docker_config(project: &Project, text: &str) {
    let folder = project.home().join(".docker");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.json"), text).expect("a configuration");
}

#[test]
fn a_missing_docker_is_a_problem() {
    let (outcome, findings) = check(project().command("check-dock").no_docker());
    outcome.status(1).stderr_has("check-dock: there is one problem");
    assert_finding(&findings, "client.docker", "problem", "no program `docker` is on PATH");
}

#[test]
fn a_broken_configuration_of_docker_is_a_problem_with_its_line() {
    let project = project();
    docker_config(&project, "{\n  \"auths\": {},\n");
    let (outcome, findings) = check(project.command("check-dock"));
    outcome.status(1);
    assert_finding(&findings, "client.config", "problem", "config.json: EOF while parsing a value at line 3");
}

#[test]
fn a_credential_helper_that_is_not_installed_is_named() {
    let project = project();
    docker_config(&project, r#"{"credsStore":"no-such"}"#);
    let (_, findings) = check(project.command("check-dock"));
    assert_finding(
        &findings,
        "client.credential-helpers",
        "problem",
        "docker-credential-no-such under credsStore",
    );
    docker_config(&project, r#"{"credHelpers":{"ghcr.io":"no-such"}}"#);
    let (_, findings) = check(project.command("check-dock"));
    assert_finding(
        &findings,
        "client.credential-helpers",
        "warning",
        "docker-credential-no-such under credHelpers",
    );
}

#[test]
fn the_engine_in_effect_is_named_with_its_reason() {
    let project = project();
    let (_, findings) =
        check(project.command("check-dock").env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    assert_finding(&findings, "client.endpoint", "ok", "unix:///nowhere/docker.sock (DOCKER_HOST)");
    docker_config(&project, r#"{"currentContext":"gone"}"#);
    let (_, findings) = check(project.command("check-dock"));
    assert_finding(
        &findings,
        "client.endpoint",
        "problem",
        "config.json names the context `gone`, which does not exist",
    );
    let named = project.command("check-dock").env("DOCKER_CONTEXT", "none");
    let evidence = "DOCKER_CONTEXT names the context `none`, which does not exist";
    assert_finding(&check(named).1, "client.endpoint", "problem", evidence);
    let named = project.command("check-dock").env("DOCKER_CONTEXT", "default");
    assert_finding(
        &check(named).1,
        "client.endpoint",
        "ok",
        "unix:///var/run/docker.sock (docker's default)",
    );
    let desktop = "unix:///nowhere/.docker/desktop/docker.sock";
    let (_, findings) = check(project.command("check-dock").env("DOCKER_HOST", desktop));
    assert_finding(&findings, "client.desktop", "problem", "a desktop");
}
