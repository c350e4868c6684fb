//! Why nothing can be published, when docker's configuration or that of AWS is the cause: one sentence for each.

use dockerutils_testbed::ecr::{ApiFault, Endpoint, HOST};
use dockerutils_testkit::{Outcome, Project};

use super::aws::{publish, refused};
use super::{DOCKER_WITH_IMAGE, SAMPLE, configured, docker_config};

/// Nothing listens here: what is refused is refused before any call.
const NOWHERE: &str = "http://127.0.0.1:9";

#[test]
fn a_credential_helper_that_is_not_on_path_is_named_before_docker_is_called() {
    for (keys, json, registry, key) in [
        ("publication_tag=me/app\n", r#"{"credsStore":"no-such"}"#, "Docker Hub", "credsStore"),
        (
            "publication_tag=me/app\n",
            r#"{"auths":{"https://index.docker.io/v1/":{}},"credHelpers":{"https://index.docker.io/v1/":"no-such"}}"#,
            "Docker Hub",
            "credHelpers",
        ),
        (
            "image_repo=ghcr.io\npublication_tag=ghcr.io/me/app\n",
            r#"{"credHelpers":{"ghcr.io":"no-such"}}"#,
            "ghcr.io",
            "credHelpers",
        ),
        (
            "publication_tag=123456789012.dkr.ecr.us-east-1.amazonaws.com/app\n",
            r#"{"credsStore":"no-such"}"#,
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "credsStore",
        ),
    ] {
        let project = configured(keys);
        docker_config(project.home(), json);
        let outcome = project.command("publish-image").arg("prod").docker_runs(DOCKER_WITH_IMAGE).run();
        outcome.status(1).calls_are(&[]);
        assert_eq!(
            outcome.stderr,
            format!(
                "publish-image: docker's config.json names a credential helper for {registry} ({key}), but \
                 `docker-credential-no-such` is not on PATH: install it, or remove it from {key} there\n"
            )
        );
    }
    // A registry that may need no login is docker's to judge.
    let project = configured("publication_tag=localhost:5000/app\n");
    docker_config(project.home(), r#"{"credsStore":"no-such"}"#);
    let outcome = project.command("publish-image").arg("prod").docker_runs(DOCKER_WITH_IMAGE).run();
    outcome.status(0).stderr_has("names a credential helper for localhost:5000 (credsStore), but `docker-");
}

/// Runs publish-image with a docker whose login fails with this message.
fn login_fails(message: &str) -> Outcome {
    let login = format!(
        "{{\"authorizationData\":[{{\"authorizationToken\":\"QVdTOnNlY3JldA==\",\"expiresAt\":1.0,\"proxyEndpoint\":\"https://{HOST}\"}}]}}"
    );
    let missing = ApiFault::error(400, "ImageNotFoundException", "none");
    let endpoint = Endpoint::start(
        None,
        [
            ("GetAuthorizationToken", ApiFault::Response(200, login)),
            ("DescribeImages", missing),
            ("CreateRepository", ApiFault::Response(200, "{}".to_owned())),
        ],
    );
    let docker = format!("case $1 in login) echo '{message}' >&2; exit 1 ;; esac; {DOCKER_WITH_IMAGE}");
    publish(&configured(SAMPLE), &endpoint.url()).docker_runs(&docker).run()
}

#[test]
fn a_login_that_docker_cannot_keep_is_no_denied_permission() {
    login_fails("Error saving credentials: open /h/.docker/config.json1: permission denied")
        .status(1)
        .stderr_has("\npublish-image: docker cannot write the login to its config.json: ")
        .stderr_lacks("publish again");
    login_fails("Error saving credentials: error storing credentials - err: exit status 1, out: `locked`")
        .status(1)
        .stderr_has("\npublish-image: the credential helper that docker's configuration names for ");
}

/// Returns the outcome with these variables instead of the usual key pair.
fn with(project: &Project, variables: &[(&str, &str)]) -> Outcome {
    let command = publish(project, NOWHERE);
    let command = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        .iter()
        .fold(command, |command, name| command.env_remove(name));
    variables.iter().fold(command, |command, (name, value)| command.env(*name, *value)).run()
}

#[test]
fn a_misspelt_profile_is_named_with_those_that_exist() {
    let config = "[default]\nregion=us-east-1\n[profile work]\nregion=us-east-1\n";
    let project = configured(SAMPLE).file("../home/.aws/config", config);
    let message =
        "AWS_PROFILE is `wrok`, and your AWS configuration has no such profile, only default, work\n";
    refused(&with(&project, &[("AWS_PROFILE", "wrok")]), message);
    // Also if a key pair would work: it may be that of another account.
    refused(&publish(&project, NOWHERE).env("AWS_PROFILE", "wrok").run(), message);
    refused(
        &with(&configured(SAMPLE), &[("AWS_PROFILE", "work")]),
        "AWS_PROFILE is `work`, and your AWS configuration has no such profile: run `aws configure`, or unset AWS_PROFILE\n",
    );
}

#[test]
fn half_a_key_pair_is_refused_even_if_a_profile_has_a_whole_one() {
    let keys = "[default]\naws_access_key_id=a\naws_secret_access_key=b\n";
    let project = configured(SAMPLE).file("../home/.aws/credentials", keys);
    refused(
        &with(&project, &[("AWS_ACCESS_KEY_ID", "a")]),
        "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both, or none to use a profile\n",
    );
    refused(
        &with(&project, &[("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_ACCESS_KEY_ID", "")]),
        "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not: ",
    );
    let project = configured(SAMPLE).file("../home/.aws/credentials", "[default]\naws_access_key_id=a\n");
    refused(
        &with(&project, &[]),
        "an AWS profile has half a key pair, add the other half with `aws configure`: ",
    );
}

#[test]
fn a_broken_aws_configuration_is_named_with_its_line() {
    let project = configured(SAMPLE).file("../home/.aws/config", "[default\nregion=us-east-1\n");
    let outcome = with(&project, &[]);
    refused(&outcome, "your AWS configuration cannot be read, correct the file: error parsing ");
    outcome.stderr_has(".aws/config on line 1: ");
    let without_region = publish(&project, NOWHERE).env_remove("AWS_REGION").run();
    refused(&without_region, "your AWS configuration cannot be read, correct the file: error parsing ");
}

/// Also if the environment has a key pair and a region: the SDK reads the files in any case.
#[test]
fn a_file_of_aws_that_is_a_fifo_or_endless_is_refused_at_once() {
    for (variable, name) in [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")] {
        let project = configured(SAMPLE);
        std::fs::create_dir(project.home().join(".aws")).expect("a folder");
        let fifo = project.home().join(".aws").join(name);
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        let message = format!(
            "your AWS configuration cannot be read, correct the file: {}: it is a FIFO, and not a regular file\n",
            fifo.display()
        );
        refused(&publish(&project, NOWHERE).run(), &message);
        let outcome = publish(&configured(SAMPLE), NOWHERE).env(variable, "/dev/zero").run();
        let message = "your AWS configuration cannot be read, correct the file: /dev/zero: it is a device, and not a \
                       regular file\n";
        refused(&outcome, message);
    }
}

#[test]
fn a_key_with_a_blank_is_named_and_not_printed() {
    let project = configured(SAMPLE);
    for (name, other) in
        [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    {
        for key in [" hidden", "hidden\r", "hid den", "hidden\n"] {
            let outcome = with(&project, &[(name, key), (other, "b")]);
            refused(
                &outcome,
                &format!("{name} contains a blank or a line break, which no key has: set it again without\n"),
            );
            outcome.stderr_lacks("hid");
        }
    }
    let keys = "[default]\naws_access_key_id=a b\naws_secret_access_key=b\n";
    let project = project.file("../home/.aws/credentials", keys);
    refused(
        &with(&project, &[]),
        "the access key ID of your AWS credentials contains a blank or a line break",
    );
}

#[test]
fn a_tag_that_would_change_is_stated_before_the_push() {
    let fault = |setting: &str| {
        let found = format!("{{\"repositories\":[{{\"imageTagMutability\":\"{setting}\"}}]}}");
        ApiFault::Response(200, found)
    };
    let denied = || ApiFault::error(400, "AccessDeniedException", "no");
    let login = format!(
        "{{\"authorizationData\":[{{\"authorizationToken\":\"QVdTOnNlY3JldA==\",\"expiresAt\":1.0,\"proxyEndpoint\":\"https://{HOST}\"}}]}}"
    );
    let digest = format!("sha256:{}", "b".repeat(64));
    let endpoint = |mutability: ApiFault| {
        let found = format!("{{\"imageDetails\":[{{\"imageDigest\":\"{digest}\"}}]}}");
        Endpoint::start(
            None,
            [
                ("GetAuthorizationToken", ApiFault::Response(200, login.clone())),
                ("DescribeImages", ApiFault::Response(200, found)),
                ("CreateRepository", ApiFault::Response(200, "{}".to_owned())),
                ("DescribeRepositories", mutability),
            ],
        )
    };
    let immutable = configured(&format!("{SAMPLE}ecr_immutable_tags=True\n"));
    // The repository's own setting decides, whatever the configuration holds for a new one.
    for project in [&immutable, &configured(SAMPLE)] {
        let outcome = publish(project, &endpoint(fault("IMMUTABLE")).url()).run();
        let reason = "and the tags of its repository are immutable: publish under another tag, with -t TAG\n";
        refused(&outcome, &format!("`{HOST}/proj-prod:1.0` exists with another digest, {digest}, {reason}"));
        outcome
            .stderr_has("\naws ecr describe-repositories --region us-east-1 --repository-names proj-prod\n");
        publish(project, &endpoint(fault("MUTABLE")).url()).run().status(0).stderr_has(&format!(
            "\npublish-image: `{HOST}/proj-prod:1.0` has another digest now, {digest}: the push replaces it\n"
        ));
    }
    // Without the permission, or with a setting that has exceptions, the configuration is what is known.
    refused(
        &publish(&immutable, &endpoint(denied()).url()).run(),
        &format!(
            "`{HOST}/proj-prod:1.0` exists with another digest, {digest}, and ecr_immutable_tags is set: publish under another tag, with -t TAG\n"
        ),
    );
    for unknown in [denied(), fault("IMMUTABLE_WITH_EXCLUSION"), ApiFault::Response(200, "{}".to_owned())] {
        publish(&configured(SAMPLE), &endpoint(unknown).url()).run().status(0).stderr_has(&format!(
            "\npublish-image: `{HOST}/proj-prod:1.0` has another digest now, {digest}: the push replaces it, or fails if tags of the repository are immutable\n"
        ));
    }
}
