//! Real engines and a fault: docker's message, one sentence with the remedy, docker's exit status.

use dockerutils_testbed::Version;
use dockerutils_testbed::ecr::{ApiFault, DEAD, Endpoint, HOST};

use super::{OnEngine, SAMPLE, engines_with_ecr};

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_password_that_the_registry_rejects_stops_the_push() {
    for (engine, ecr) in engines_with_ecr() {
        let on = OnEngine::built("password", (engine, ecr), SAMPLE);
        // The token is `AWS:not-the-password` in base64.
        let login = format!(
            "{{\"authorizationData\":[{{\"authorizationToken\":\"QVdTOm5vdC10aGUtcGFzc3dvcmQ=\",\"expiresAt\":1.0,\"proxyEndpoint\":\"https://{HOST}\"}}]}}"
        );
        let endpoint = Endpoint::start(
            Some(on.ecr.address()),
            [("GetAuthorizationToken", ApiFault::Response(200, login))],
        );
        let outcome = on.publish().env("AWS_ENDPOINT_URL", endpoint.url()).run();
        outcome.status(1).stdout_is("").stderr_lacks("not-the-password").stderr_lacks("Login Succeeded");
        // After a refusal at a loopback address docker 26.1 tries again without TLS, and reports only that attempt.
        if engine.version() == Version::V20 {
            outcome.stderr_has("401 Unauthorized").stderr_has(&format!(
                "publish-image: docker has no valid login for {HOST}: publish again, which logs in anew, and "
            ));
        }
        outcome.stderr_lacks("docker push");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn what_was_published_before_a_registry_is_unreachable_is_listed() {
    for engine in engines_with_ecr() {
        let keys = format!(
            "publication_tag={HOST}/{{image}}:{{tag}} {DEAD}/{{image}}:{{tag}} {HOST}/{{image}}:never\n"
        );
        let on = OnEngine::built("down", engine, &keys);
        let outcome = on.publish().run();
        let name = format!("{}-prod", on.name);
        outcome.status(1).stderr_has(&format!(
            "publish-image: published before the failure: {HOST}/{name}:1.0\n\
             publish-image: the engine cannot reach {DEAD}: check its network, and the host in `{DEAD}/{name}:1.0`\n"
        ));
        assert!(outcome.stdout.starts_with(&format!("{HOST}/{name}@sha256:")), "{}", outcome.stdout);
        assert_eq!(outcome.stdout.lines().count(), 1);
        assert!(on.ecr.digest(&name, "never").is_none());
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_image_that_is_not_built_has_a_remedy_and_no_repository_is_created() {
    for engine in engines_with_ecr() {
        let on = OnEngine::new("unbuilt", engine, SAMPLE);
        on.publish().run().status(1).stdout_is("").stderr_has(&format!(
            "publish-image: docker has no image {}-prod:1.0: `build-image prod` makes it\n",
            on.name
        ));
        on.publish().args(["-t", "2", "-i", "other"]).run().status(1).stderr_has(
            "publish-image: docker has no image other:2: `build-image -i other -t 2 prod` makes it\n",
        );
        let query = format!("{{\"repositoryNames\":[\"{}-prod\"]}}", on.name);
        let response = on.ecr.call("us-east-1", "DescribeRepositories", &query);
        assert!(response.contains("RepositoryNotFoundException"), "{response}");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_unreachable_engine_is_not_reported_as_a_missing_image() {
    for engine in engines_with_ecr() {
        let on = OnEngine::new("no-engine", engine, SAMPLE);
        let outcome = on.publish().env("DOCKER_HOST", "unix:///nowhere").run();
        outcome
            .status(1)
            .stdout_is("")
            .stderr_lacks("has no image")
            .stderr_has("annot connect to the Docker daemon");
        outcome.stderr_has("\npublish-image: no docker engine listens on /nowhere: start it with ");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_unreachable_aws_stops_before_the_login() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("no-aws", engine, SAMPLE);
        let outcome = on.publish().env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").run();
        outcome.status(1).stdout_is("").stderr_has(" failed, attempt 3 of 3\n");
        outcome.stderr_has(
            "publish-image: ECR in us-east-1 cannot be reached, check the network, HTTPS_PROXY and AWS_ENDPOINT_URL: Connection refused",
        );
        outcome.stderr_lacks("docker login").stderr_lacks("docker tag");
    }
}
