//! Docker Hub and other registries: no AWS, and a login that the user has made before.

use dockerutils_testbed::ecr::{PASSWORD, PLAIN};

use super::{DIGEST, DOCKER_WITH_IMAGE, OnEngine, configured, docker_config, engines_with_ecr};

#[test]
fn each_reference_is_tagged_and_pushed() {
    let project = configured("publication_tag=localhost:5000/{image}:{tag} localhost:5000/$TEAM/x:{user}\n");
    let outcome =
        project.command("publish-image").arg("prod").env("TEAM", "data").docker_runs(DOCKER_WITH_IMAGE).run();
    outcome.status(0).calls_are(&[
        &["image", "inspect", "proj-prod:1.0"],
        &["tag", "proj-prod:1.0", "localhost:5000/proj-prod:1.0"],
        &["push", "localhost:5000/proj-prod:1.0"],
        &["tag", "proj-prod:1.0", "localhost:5000/data/x:tester"],
        &["push", "localhost:5000/data/x:tester"],
    ]);
    outcome.stdout_is(&format!("localhost:5000/proj-prod@{DIGEST}\nlocalhost:5000/data/x@{DIGEST}\n"));
    // docker's own output goes to standard error.
    outcome.stderr_has(&format!("1.0: digest: {DIGEST} size: 527"));
}

#[test]
fn every_kind_of_image_can_be_published_under_another_name_and_tag() {
    let project = configured("publication_tag=localhost:5000/a/{image}:{tag}\n").cfg(
        "[run_image]\nsynthetic_images=shell, python\n\
         [prod]\ntag=1.0\npublication_tag=localhost:5000/a/{image}:{tag}\n\
         [shell]\nname=prod\ntag=1.0\npublication_tag=localhost:5000/shell:{tag}\n\
         [python]\nprefix=False\nname=python:3.12-slim\npublication_tag=localhost:5000/python:{tag}\n",
    );
    for (args, expected) in [
        (&["prod", "-i", "mine", "-t", "2"][..], &[["mine:2", "localhost:5000/a/mine:2"]][..]),
        (&["shell"], &[["proj-prod:1.0", "localhost:5000/shell:1.0"]]),
        (&["python"], &[["python:3.12-slim", "localhost:5000/python:3.12-slim"]]),
        (
            &["prod", "python"],
            &[
                ["proj-prod:1.0", "localhost:5000/a/proj-prod:1.0"],
                ["python:3.12-slim", "localhost:5000/python:3.12-slim"],
            ],
        ),
    ] {
        let outcome = project.command("publish-image").args(args).docker_runs(DOCKER_WITH_IMAGE).run();
        let tags: Vec<&[String]> =
            outcome.status(0).calls.iter().filter(|call| call[0] == "tag").map(|call| &call[1..]).collect();
        assert_eq!(tags, expected, "{args:?}");
    }
}

#[test]
fn json_has_no_account_and_region_outside_ecr() {
    let project = configured("publication_tag=localhost:5000/{image}:{tag}\n");
    let outcome =
        project.command("publish-image").args(["prod", "--json"]).docker_runs(DOCKER_WITH_IMAGE).run();
    let report: serde_json::Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON alone");
    let expected = serde_json::json!([{
        "reference": "localhost:5000/proj-prod:1.0", "digest": DIGEST, "size": 1234,
        "account": null, "region": null, "pushed": true,
    }]);
    assert_eq!(report, expected);
}

#[test]
fn nothing_is_pushed_without_a_login() {
    let cases = [
        (
            "image_repo=docker_hub\npublication_tag=me/{image}:{tag}\n",
            "not logged in to Docker Hub: run `docker login` first\n",
        ),
        (
            "image_repo=docker.io\npublication_tag=docker.io/me/{image}:{tag}\n",
            "not logged in to Docker Hub: run `docker login` first\n",
        ),
        ("publication_tag=me/{image}:{tag}\n", "not logged in to Docker Hub: run `docker login` first\n"),
        (
            "image_repo=ghcr.io\npublication_tag=ghcr.io/me/{image}:{tag}\n",
            "not logged in to ghcr.io: run `docker login ghcr.io` first (without `image_repo` no login is required)\n",
        ),
    ];
    for (keys, sentence) in cases {
        let project = configured(keys);
        let helpers = project.home().join("helpers");
        std::fs::create_dir(&helpers).expect("a folder");
        std::fs::write(helpers.join("docker-credential-desktop"), "").expect("a file");
        let publish = || {
            let publish = project.command("publish-image").arg("prod").path_first(&helpers);
            publish.docker_runs(DOCKER_WITH_IMAGE)
        };
        publish()
            .run()
            .status(1)
            .calls_are(&[])
            .stdout_is("")
            .stderr_has(&format!("publish-image: {sentence}"));
        publish().arg("--dry-run").run().status(0);
        for json in [
            r#"{"auths":{"https://index.docker.io/v1/":{"auth":"x"},"ghcr.io":{"auth":"x"}}}"#,
            r#"{"credsStore":"desktop"}"#,
        ] {
            docker_config(project.home(), json);
            let outcome = publish().run();
            outcome.status(0).check(outcome.calls.len() == 3, || "inspect, tag and push".to_owned());
        }
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_registry_with_a_password_uses_the_login_of_the_user() {
    for engine in engines_with_ecr() {
        let keys = format!("image_repo={PLAIN}\npublication_tag={PLAIN}/{{image}}:{{tag}}\n");
        let on = OnEngine::built("plain", engine, &keys);
        // A login that the registry rejects: `me:no` in base64.
        docker_config(on.project.home(), &format!("{{\"auths\":{{\"{PLAIN}\":{{\"auth\":\"bWU6bm8=\"}}}}}}"));
        on.publish().run().status(1).stdout_is("").stderr_has(&format!(
            "\npublish-image: {PLAIN} does not let you push to `{}-prod`: `docker login {PLAIN}` as a user who may push\n",
            on.name
        ));
        let line = format!("echo {PASSWORD} | docker login --username AWS --password-stdin {PLAIN}");
        on.at_home(on.project.program("sh").args(["-c", &line])).run().status(0);
        let outcome = on.publish().run();
        outcome.status(0).stderr_lacks("aws ").stderr_lacks("docker login");
        assert!(
            outcome.stdout.starts_with(&format!("{PLAIN}/{}-prod@sha256:", on.name)),
            "{}",
            outcome.stdout
        );
        // Outside ECR docker finds out by itself which layers the registry has.
        on.publish().run().status(0).stdout_is(&outcome.stdout).stderr_has("Layer already exists");
    }
}

/// The digest is known nowhere else, so the error holds it.
#[test]
fn a_full_disk_behind_standard_output_is_an_error_with_the_digest() {
    let project = configured("publication_tag=localhost:5000/{image}:{tag}\n");
    for (flag, result) in [
        ("", format!("localhost:5000/proj-prod@{DIGEST}\n")),
        ("--json", format!("\"digest\": \"{DIGEST}\"")),
    ] {
        let line = format!("'{}' prod {flag} >/dev/full", env!("CARGO_BIN_EXE_publish-image"));
        let outcome = project.program("bash").args(["-c", &line]).docker_runs(DOCKER_WITH_IMAGE).run();
        outcome
            .status(1)
            .stderr_has("\npublish-image: standard output cannot be written to: ")
            .stderr_has(&result);
    }
}

/// The repository has had the image under two digests, so docker pushes a second time, with its output captured.
#[test]
fn an_ambiguous_digest_is_read_from_a_second_push() {
    let project = configured("publication_tag=localhost:5000/{image}:{tag}\n");
    let digests =
        ["b", "c"].map(|digit| format!("\\\"localhost:5000/proj-prod@sha256:{}\\\"", digit.repeat(64)));
    let docker = DOCKER_WITH_IMAGE.replace("\\\"RepoDigests\\\":[]", "").replace(
        "\"RepoDigests\":[]",
        &format!("\"RepoDigests\":[{}]", digests.join(",").replace("\\\"", "\"")),
    );
    let line = format!("'{}' prod >digest", env!("CARGO_BIN_EXE_publish-image"));
    let shell = project.program("bash").args(["-c", &line]).docker_runs(&docker);
    let outcome = shell.spawn_in_terminal().wait();
    let pushes = outcome.status(0).calls.iter().filter(|call| call[0] == "push").count();
    assert_eq!(pushes, 2);
    let digest = std::fs::read_to_string(project.root().join("digest")).expect("a digest");
    assert_eq!(digest, format!("localhost:5000/proj-prod@{DIGEST}\n"));
}
