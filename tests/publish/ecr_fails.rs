//! With real engines, where something is wrong: docker's own words, one sentence with the remedy, docker's own status.

use dockerutils_testbed::Version;
use dockerutils_testbed::ecr::{ApiFault, DEAD, Endpoint, HOST};

use super::{OnEngine, SAMPLE, engines_with_ecr};

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_password_that_the_registry_does_not_take() {
    for (engine, ecr) in engines_with_ecr() {
        let on = OnEngine::built("password", (engine, ecr), SAMPLE);
        // AWS:not-the-password, in base64.
        let login = format!(
            "{{\"authorizationData\":[{{\"authorizationToken\":\"QVdTOm5vdC10aGUtcGFzc3dvcmQ=\",\"expiresAt\":1.0,\"proxyEndpoint\":\"https://{HOST}\"}}]}}"
        );
        let endpoint = Endpoint::start(
            Some(on.ecr.address()),
            [("GetAuthorizationToken", ApiFault::Response(200, login))],
        );
        let outcome = on.publish().env("AWS_ENDPOINT_URL", endpoint.url()).run();
        outcome.status(1).stdout_is("").stderr_lacks("not-the-password").stderr_lacks("Login Succeeded");
        // Refused at an address of the loopback, 26.1 tries it without TLS, and tells of that alone.
        if engine.version() == Version::V20 {
            outcome.stderr_has("401 Unauthorized").stderr_has(&format!(
                "publish-image: docker has no login at {HOST} that it takes: publish again, which logs in anew, and "
            ));
        }
        outcome.stderr_lacks("docker push");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_registry_that_is_down_and_what_was_done_before() {
    for engine in engines_with_ecr() {
        let keys = format!(
            "publication_tag={HOST}/{{image}}:{{tag}} {DEAD}/{{image}}:{{tag}} {HOST}/{{image}}:never\n"
        );
        let on = OnEngine::built("down", engine, &keys);
        let outcome = on.publish().run();
        let name = format!("{}-prod", on.name);
        outcome.status(1).stderr_has(&format!(
            "publish-image: published before the failure: {HOST}/{name}:1.0\n\
             publish-image: the engine cannot reach {DEAD}: look at its network, and at the host in `{DEAD}/{name}:1.0`\n"
        ));
        assert!(outcome.stdout.starts_with(&format!("{HOST}/{name}@sha256:")), "{}", outcome.stdout);
        assert_eq!(outcome.stdout.lines().count(), 1);
        assert!(on.ecr.digest(&name, "never").is_none());
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_image_that_is_not_built() {
    for engine in engines_with_ecr() {
        let on = OnEngine::new("unbuilt", engine, SAMPLE);
        on.publish().run().status(1).stdout_is("").stderr_has(&format!(
            "publish-image: docker has no image {}-prod:1.0: `build-image prod` builds it\n",
            on.name
        ));
        on.publish().args(["-t", "2", "-i", "other"]).run().status(1).stderr_has(
            "publish-image: docker has no image other:2: `build-image -i other -t 2 prod` builds it\n",
        );
        // Nothing is to be pushed there: no repository is made.
        let wanted = format!("{{\"repositoryNames\":[\"{}-prod\"]}}", on.name);
        let made = on.ecr.call("us-east-1", "DescribeRepositories", &wanted);
        assert!(made.contains("RepositoryNotFoundException"), "{made}");
    }
}

/// Docker's own client says why.
#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_engine_that_is_not_there() {
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
fn aws_that_is_down_is_told_before_anything_is_pushed() {
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
