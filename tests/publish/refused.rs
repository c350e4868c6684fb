//! Wrong configurations and arguments, and failures of docker that have a remedy.

use dockerutils_testkit::Project;

use super::{DOCKER_WITH_IMAGE, SAMPLE, configured};

/// Asserts the status and the message, and that docker was not called.
#[track_caller]
fn refused(project: &Project, args: &[&str], status: i32, message: &str) {
    let outcome = project.command("publish-image").args(args).docker_runs(DOCKER_WITH_IMAGE).run();
    outcome.status(status).calls_are(&[]).stdout_is("");
    assert_eq!(outcome.stderr, format!("publish-image: {message}\n"));
}

#[test]
fn a_reference_that_is_not_valid_is_refused_with_key_and_line() {
    for (keys, message) in [
        (
            "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/{image}:{tag}\"",
            "docker/dockerutils.cfg:4: `publication_tag`: the quote \" is never closed: close it, or write \\\" for the character itself",
        ),
        (
            "publication_tag=localhost:5000/{image}:1.0\\\"",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/proj-prod:1.0\"` is not a valid image reference: the tag `1.0\"` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
        ),
        (
            "publication_tag=localhost:5000/Proj:{tag}",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/Proj:1.0` is not a valid image reference: `Proj` must be lower-case",
        ),
        (
            "publication_tag=\"localhost:5000/a b\"",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/a b` is not a valid image reference: `a b` may hold lower-case letters and digits, with `.`, `_` or `-` between",
        ),
        (
            "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/Proj",
            "docker/dockerutils.cfg:4: `publication_tag`: `{account}.dkr.ecr.{region}.amazonaws.com/Proj` is not a valid image reference: `Proj` must be lower-case",
        ),
        (
            "publication_tag=localhost:5000/{imgae}",
            "docker/dockerutils.cfg:3: `publication_tag`: there is no placeholder {imgae}, did you mean {image}? (braces themselves are written {{ and }})",
        ),
        (
            "publication_tag=localhost:5000/x:$NO_SUCH",
            "docker/dockerutils.cfg:3: `publication_tag`: the variable $NO_SUCH is not set: set it, or write ${NO_SUCH:-default}",
        ),
        (
            "publication_tag=localhost:5000/x@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/x@sha256:0000000000000000000000000000000000000000000000000000000000000000` has a digest, which only the push determines: leave it out",
        ),
    ] {
        refused(&configured(keys), &["prod"], 1, message);
        refused(&configured(keys), &["prod", "--dry-run"], 1, message);
    }
}

#[test]
fn publication_keys_that_contradict_each_other_are_refused() {
    for (keys, message) in [
        (
            "",
            "docker/dockerutils.cfg:1: [prod] needs publication_tag=REGISTRY/{image}:{tag}, the reference to publish it as",
        ),
        (
            "image_repo=aws\npublication_tag=me/app",
            "docker/dockerutils.cfg:4: `publication_tag`: `me/app` is in Docker Hub, but image_repo is aws (ACCOUNT.dkr.ecr.REGION.amazonaws.com)",
        ),
        (
            "image_repo=docker_hub\npublication_tag=ghcr.io/me/app",
            "docker/dockerutils.cfg:4: `publication_tag`: `ghcr.io/me/app` is in ghcr.io, but image_repo is docker_hub",
        ),
        (
            "image_repo=ghcr.io\npublication_tag=ghcr.io/me/app me/app",
            "docker/dockerutils.cfg:4: `publication_tag`: `me/app` is in Docker Hub, but image_repo is ghcr.io",
        ),
        (
            "image_repo=dockerhub\npublication_tag=me/app",
            "docker/dockerutils.cfg:3: `image_repo`: `dockerhub` is not valid: expected aws, docker_hub or a registry host, did you mean `docker_hub`?",
        ),
        (
            "publication_tag=localhost:5000/{account}/app",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/{account}/app`: {account} is only allowed in the host of an ECR registry, and so is {region} unless AWS_REGION is set",
        ),
        (
            "publication_tag=localhost:5000/{region}/app",
            "docker/dockerutils.cfg:3: `publication_tag`: `localhost:5000/{region}/app`: {account} is only allowed in the host of an ECR registry, and so is {region} unless AWS_REGION is set",
        ),
        (
            "publication_tag={account}.dkr.ecr.{region}.amazonaws.com/app:{region}",
            "docker/dockerutils.cfg:3: `publication_tag`: `{account}.dkr.ecr.{region}.amazonaws.com/app:{region}`: {account} is only allowed in the host of an ECR registry, and so is {region} unless AWS_REGION is set",
        ),
        (
            "publication_tag=${REFS:-}",
            "docker/dockerutils.cfg:3: `publication_tag`: holds no reference, write REGISTRY/{image}:{tag}, the reference to publish the image as",
        ),
        (
            "image_repo=aws\necr_tags=team\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/x",
            "docker/dockerutils.cfg:4: `ecr_tags`: `team` is not a KEY=VALUE pair",
        ),
        (
            "ecr_scan_on_push=maybe\npublication_tag=me/app",
            "docker/dockerutils.cfg:3: `ecr_scan_on_push`: `maybe` is not a valid boolean: expected yes/no, true/false, on/off or 1/0",
        ),
    ] {
        refused(&configured(keys), &["prod"], 1, message);
    }
}

/// A region from the environment is known before AWS is queried, and 000000000000 may be a real account.
#[test]
fn a_known_region_and_a_literal_account_are_allowed_anywhere() {
    for (reference, pushed) in [
        ("localhost:5000/{region}/app:1", "localhost:5000/eu-west-1/app:1"),
        ("localhost:5000/000000000000/app:1", "localhost:5000/000000000000/app:1"),
        (
            "000000000000.dkr.ecr.{region}.amazonaws.com/app:1",
            "000000000000.dkr.ecr.eu-west-1.amazonaws.com/app:1",
        ),
    ] {
        let project = configured(&format!("publication_tag={reference}\n"));
        let command =
            project.command("publish-image").args(["prod", "--dry-run"]).env("AWS_REGION", "eu-west-1");
        let outcome = command.run();
        outcome.status(0).stderr_has(&format!("docker push {pushed}\n")).stderr_lacks("stand for {account}");
    }
}

#[test]
fn wrong_arguments_are_refused() {
    let project = configured("publication_tag=localhost:5000/x\n").dockerfile("dev", "FROM scratch\n");
    refused(&project, &["prod", "dev", "-i", "x"], 2, "-i names one image, but several are to be published");
    refused(&project, &["prdo"], 1, "there is no image `prdo`, did you mean `prod`? (docker/ has dev, prod)");
    refused(
        &project,
        &["prod", "-t", "a b"],
        1,
        "`proj-prod:a b` is not a valid image reference: the tag `a b` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
    );
}

/// The error of the second image comes before the first image is published.
#[test]
fn every_image_is_checked_before_the_first_is_published() {
    let project = configured("")
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[prod]\npublication_tag=localhost:5000/x\n[dev]\npublication_tag=localhost:5000/X\n");
    refused(
        &project,
        &["prod", "dev"],
        1,
        "docker/dockerutils.cfg:4: `publication_tag`: `localhost:5000/X` is not a valid image reference: `X` must be lower-case",
    );
}

#[test]
fn a_dry_run_echoes_every_command_and_runs_none() {
    let project = configured(SAMPLE);
    let dry = || project.command("publish-image").args(["prod", "--dry-run"]).no_docker();
    let outcome = dry().run();
    let host = "000000000000.dkr.ecr.region.amazonaws.com";
    outcome.status(0).stdout_is("").calls_are(&[]).echoes(&[
        "aws ecr get-authorization-token --query 'authorizationData[0].proxyEndpoint'",
        "aws ecr describe-images --repository-name proj-prod --image-ids imageTag=1.0",
        "docker image inspect proj-prod:1.0",
        "aws ecr create-repository --repository-name proj-prod",
        &format!(
            "aws ecr get-login-password --region region | docker login --username AWS --password-stdin {host}"
        ),
        &format!("docker tag proj-prod:1.0 {host}/proj-prod:1.0"),
        &format!("docker push {host}/proj-prod:1.0"),
    ]);
    outcome.stderr_has("publish-image: a dry run does not query AWS: `000000000000` and `region` stand for {account} and {region}\n");
    // A region from the environment takes the place of its stand-in.
    dry()
        .env("AWS_REGION", "eu-west-1")
        .run()
        .status(0)
        .stderr_has("\naws ecr create-repository --region eu-west-1 --repository-name proj-prod\n")
        .stderr_has("docker push 000000000000.dkr.ecr.eu-west-1.amazonaws.com/proj-prod:1.0\n");
}

/// The remedy builds or pulls the image under the very reference that is missing.
#[test]
fn the_remedy_for_a_missing_image_names_its_reference() {
    let project = configured("").cfg(
        "[run_image]\nsynthetic_images=shell, plain, python\n\
         [prod]\ntag=1.0\npublication_tag=localhost:5000/x\n\
         [shell]\nname=prod\ntag=2\npublication_tag=localhost:5000/x\n\
         [plain]\nname=prod\ntag=1.0\npublication_tag=localhost:5000/x\n\
         [python]\nprefix=False\nname=python:3.12-slim\npublication_tag=localhost:5000/x\n",
    );
    for (args, message) in [
        (&["prod"][..], "proj-prod:1.0: `build-image prod` makes it"),
        (&["prod", "-i", "a", "-t", "3"], "a:3: `build-image -i a -t 3 prod` makes it"),
        (&["shell"], "proj-prod:2: `build-image -t 2 prod` makes it"),
        (&["plain"], "proj-prod:1.0: `build-image prod` makes it"),
        (&["shell", "-i", "a"], "a:2: `build-image -i a -t 2 prod` makes it"),
        (&["python"], "python:3.12-slim: `docker pull python:3.12-slim` pulls it"),
        (&["python", "-i", "a", "-t", "1"], "a:1"),
    ] {
        let command = project.command("publish-image").args(args);
        let outcome = command.docker_runs("echo \"Error: No such image: $3\" >&2; exit 1").run();
        outcome.status(1).stderr_has(&format!("\npublish-image: docker has no image {message}\n"));
    }
}

#[test]
fn an_unreachable_engine_is_not_a_missing_image() {
    let project = configured("publication_tag=localhost:5000/x\n");
    let error = "Cannot connect to the Docker daemon";
    let command = project.command("publish-image").arg("prod");
    let outcome = command.docker_runs(&format!("echo '{error}' >&2; exit 7"));
    let outcome = outcome.env("DOCKER_HOST", "unix:///nowhere").run();
    outcome.status(7).stdout_is("").stderr_lacks("has no image").stderr_has(&format!(
        "docker image inspect proj-prod:1.0\n{error}\npublish-image: no docker engine listens on /nowhere: start it with "
    ));
}

/// docker's message stays, the remedy follows it, and the exit status is docker's.
#[test]
fn known_failures_of_docker_have_a_remedy() {
    for (error, remedy) in [
        (
            "write /var/lib/docker/tmp/x: no space left on device",
            "the disk of the engine or of registry.example.com is full: `docker system df` shows what can be removed from the engine",
        ),
        (
            "tag invalid: The image tag '1.0' already exists in the 'x' repository and cannot be overwritten because the repository is immutable.",
            "registry.example.com has `registry.example.com/x:1.0` already and does not overwrite tags: publish under another tag, with -t TAG",
        ),
        (
            "Get \"https://registry.example.com/v2/\": x509: certificate signed by unknown authority",
            "the engine does not trust the certificate of registry.example.com: on its machine, install the CA as /etc/docker/certs.d/registry.example.com/ca.crt",
        ),
        (
            "no basic auth credentials",
            "docker has no valid login for registry.example.com: `docker login registry.example.com`",
        ),
        ("name unknown: no", "registry.example.com has no repository `x`: create it there first"),
    ] {
        let project = configured("publication_tag=registry.example.com/x:{tag}\n");
        let script = format!("case $1 in push) echo \"$ERROR\" >&2; exit 7 ;; esac\n{DOCKER_WITH_IMAGE}");
        let outcome =
            project.command("publish-image").arg("prod").env("ERROR", error).docker_runs(&script).run();
        outcome.status(7).stdout_is("").stderr_has(&format!("{error}\npublish-image: {remedy}\n"));
    }
    // An unknown message is printed without a remedy. The engine is one without a local socket: a user who may not use the
    // default socket would get the remedy for that.
    let project = configured("publication_tag=registry.example.com/x:{tag}\n");
    let script = format!("case $1 in push) echo unknown >&2; exit 3 ;; esac\n{DOCKER_WITH_IMAGE}");
    let command = project.command("publish-image").arg("prod").env("DOCKER_HOST", "tcp://192.0.2.1:2375");
    let outcome = command.docker_runs(&script).run();
    outcome
        .status(3)
        .check(outcome.stderr.ends_with("docker push registry.example.com/x:1.0\nunknown\n"), || {
            "more is printed".to_owned()
        });
}
