//! Secrets that get another name in the container.

use super::{assert_passed, project};

#[test]
fn renames_that_follow_each_other_or_swap_are_pasted_with_the_same_effect() {
    assert_passed(
        "environment=-e GITHUB_TOKEN=$CI_TOKEN -e GH_TOKEN=$GITHUB_TOKEN",
        &[("CI_TOKEN", "hush-ci"), ("GITHUB_TOKEN", "hush-own")],
        &["-e", "GITHUB_TOKEN", "-e", "GH_TOKEN"],
        &[("GITHUB_TOKEN", "hush-ci"), ("GH_TOKEN", "hush-own")],
    );
    assert_passed(
        "environment=-e A_TOKEN=$B_TOKEN -e B_TOKEN=$A_TOKEN",
        &[("A_TOKEN", "hush-a"), ("B_TOKEN", "hush-b")],
        &["-e", "A_TOKEN", "-e", "B_TOKEN"],
        &[("A_TOKEN", "hush-b"), ("B_TOKEN", "hush-a")],
    );
    // As with docker, the last of several settings counts.
    assert_passed(
        "environment=-e TOKEN=$A_TOKEN -e TOKEN=$TOKEN",
        &[("A_TOKEN", "hush-a"), ("TOKEN", "hush-own")],
        &["-e", "TOKEN", "-e", "TOKEN"],
        &[("TOKEN", "hush-own")],
    );
}

#[test]
fn a_proxy_with_a_password_reaches_a_build_by_its_own_name() {
    let proxy = ("https_proxy", "http://u:hush@proxy:1");
    let renamed = project("build_args=--build-arg https_proxy=$HTTP_PROXY").command("build-image").arg("dev");
    let outcome = renamed.env("HTTP_PROXY", proxy.1).run();
    outcome.status(1).calls_are(&[]).stderr_lacks("hush");
    outcome.stderr_has(
        "set https_proxy itself and write `--build-arg https_proxy`, or write the proxy under `proxies`",
    );
    let named = project("build_args=--build-arg https_proxy").command("build-image").arg("dev");
    let outcome = named.env(proxy.0, proxy.1).run();
    outcome.status(0).stderr_lacks("hush");
    assert!(outcome.calls[0].windows(2).any(|pair| pair == ["--build-arg", "https_proxy"]));
    assert_eq!(outcome.records[0].var(proxy.0).and_then(|value| value.to_str()), Some(proxy.1));
}

#[test]
fn a_rename_onto_a_variable_that_docker_reads_never_changes_docker() {
    for name in ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "https_proxy"] {
        let section = format!("environment=-e {name}=$API_TOKEN");
        let outcome = project(&section).command("run-image").arg("dev").env("API_TOKEN", "hush").run();
        outcome.status(1).calls_are(&[]).stderr_lacks("hush");
        outcome
            .stderr_has(&format!("docker itself reads the variable {name}"))
            .stderr_has("`--env-file FILE`");
    }
    // Not a secret, so docker gets it as an argument, and its own variable stays.
    let outcome =
        project("environment=-e HOME=$NEW_HOME").command("run-image").arg("dev").env("NEW_HOME", "/x").run();
    outcome.status(0).check(outcome.calls[0].contains(&"HOME=/x".to_owned()), || "HOME=/x".to_owned());
    assert_ne!(outcome.records[0].var("HOME").and_then(|value| value.to_str()), Some("/x"));
}
