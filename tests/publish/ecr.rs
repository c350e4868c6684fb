//! Real engines and the stand-in for ECR: images are pushed, and can be pulled again.

use dockerutils_testbed::ecr::{HOST, OTHER_ACCOUNT, OTHER_REGION};

use super::{OnEngine, SAMPLE, engines_with_ecr};

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_first_publish_creates_the_repository_and_the_image_can_be_pulled() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("first", engine, SAMPLE);
        let (local, remote) = (format!("{}-prod:1.0", on.name), format!("{HOST}/{}-prod", on.name));
        let id = on.id(&local);

        let outcome = on.publish().run();
        outcome.status(0).echoes(&[
            "aws ecr get-authorization-token --region us-east-1 --query 'authorizationData[0].proxyEndpoint'",
            &format!(
                "aws ecr describe-images --region us-east-1 --repository-name {}-prod --image-ids imageTag=1.0",
                on.name
            ),
            &format!("docker image inspect {local}"),
            &format!("aws ecr create-repository --region us-east-1 --repository-name {}-prod", on.name),
            &format!(
                "aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin {HOST}"
            ),
            &format!("docker tag {local} {remote}:1.0"),
            &format!("docker push {remote}:1.0"),
        ]);
        let digest = outcome.stdout.trim_end().strip_prefix(&format!("{remote}@")).expect("one reference");
        assert_eq!(on.ecr.digest(&format!("{}-prod", on.name), "1.0").as_deref(), Some(digest));

        on.docker(&["rmi", "--force", &local, &format!("{remote}:1.0")]).status(0);
        let pulled = format!("{remote}@{digest}");
        on.docker(&["pull", &pulled]).status(0);
        assert_eq!(on.id(&pulled), id);
        let query = format!("{{\"repositoryNames\":[\"{}-prod\"]}}", on.name);
        let created = on.ecr.call("us-east-1", "DescribeRepositories", &query);
        assert!(created.contains(&remote), "{created}");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn an_image_that_the_registry_has_is_not_pushed_again() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("again", engine, SAMPLE);
        let first = on.publish().run();
        first.status(0);
        // The stand-in does not see a push to its registry, as ECR does.
        on.ecr.record_push(&format!("{}-prod", on.name), "1.0");
        let second = on.publish().run();
        second.status(0).stdout_is(&first.stdout).stderr_has(&format!(
            "publish-image: `{HOST}/{}-prod:1.0` is up to date: not pushed again\n",
            on.name
        ));
        second.stderr_lacks("docker login").stderr_lacks("docker tag").stderr_lacks("docker push");
        // A changed image under the same tag is pushed, and has another digest.
        std::fs::write(on.project.root().join("mark"), "changed\n").expect("a file");
        on.build();
        let third = on.publish().run();
        third.status(0).stderr_has("docker push ");
        assert_ne!(third.stdout, first.stdout);
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn each_of_several_references_is_pushed_to_its_own_registry() {
    for engine in engines_with_ecr() {
        let keys = format!(
            "image_repo=aws\npublication_tag={{account}}.dkr.ecr.eu-west-1.amazonaws.com/{{image}}:{{tag}}\n  \
             {{account}}.dkr.ecr.{{region}}.amazonaws.com/{{image}}:{{tag}} {HOST}/{{image}}:latest {HOST}/{{image}}:second {OTHER_ACCOUNT}/{{image}}:{{tag}}\n"
        );
        let on = OnEngine::built("several", engine, &keys);
        let outcome = on.publish().run();
        let repository = format!("{}-prod", on.name);
        let lines: Vec<&str> = outcome.status(0).stdout.lines().collect();
        let hosts = [OTHER_REGION, HOST, HOST, HOST, OTHER_ACCOUNT];
        assert_eq!(lines.len(), hosts.len());
        for (line, host) in lines.iter().zip(hosts) {
            assert!(line.starts_with(&format!("{host}/{repository}@sha256:")), "{line}");
        }
        // A repository is created once, however many tags are pushed to it.
        let create = format!(
            "\naws ecr create-repository --region us-east-1 --registry-id 123456789012 --repository-name {repository}\n"
        );
        assert_eq!(outcome.stderr.matches(&create).count(), 1);
        // One login for each registry, with the password of its region.
        let logins = outcome.echoed().into_iter().filter(|echo| echo.contains(" docker login "));
        let hosts: Vec<String> =
            logins.filter_map(|echo| echo.split(' ').next_back().map(str::to_owned)).collect();
        assert_eq!(hosts, [OTHER_REGION, HOST, OTHER_ACCOUNT]);
        let query = format!("{{\"repositoryNames\":[\"{repository}\"]}}");
        let created = on.ecr.call("eu-west-1", "DescribeRepositories", &query);
        assert!(created.contains(&format!("{OTHER_REGION}/{repository}")), "{created}");
        for tag in ["latest", "second"] {
            assert!(on.ecr.digest(&repository, tag).is_some(), "{tag}");
        }
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn a_new_repository_has_the_settings_of_the_keys() {
    for engine in engines_with_ecr() {
        let keys =
            "ecr_scan_on_push=True\necr_immutable_tags=True\necr_tags=team=data \"owner=Ada Lovelace\"\n";
        let on = OnEngine::built("settings", engine, &format!("{SAMPLE}{keys}"));
        let outcome = on.publish().run();
        let expected = format!(
            "aws ecr create-repository --region us-east-1 --repository-name {}-prod --image-scanning-configuration scanOnPush=true \
             --image-tag-mutability IMMUTABLE --tags '[{{\"Key\":\"team\",\"Value\":\"data\"}},{{\"Key\":\"owner\",\"Value\":\"Ada Lovelace\"}}]'",
            on.name
        );
        outcome.status(0).stderr_has(&format!("\n{expected}\n"));
        let query = format!("{{\"repositoryNames\":[\"{}-prod\"]}}", on.name);
        let created = on.ecr.call("us-east-1", "DescribeRepositories", &query);
        assert!(created.contains("\"scanOnPush\": true") && created.contains("\"IMMUTABLE\""), "{created}");
        let arn = format!("arn:aws:ecr:us-east-1:123456789012:repository/{}-prod", on.name);
        let tags = on.ecr.call("us-east-1", "ListTagsForResource", &format!("{{\"resourceArn\":\"{arn}\"}}"));
        assert!(tags.contains("Ada Lovelace") && tags.contains("team"), "{tags}");
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn json_holds_reference_digest_size_account_and_region() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("json", engine, SAMPLE);
        let outcome = on.publish().arg("--json").run();
        let report: serde_json::Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON alone");
        let report = &report[0];
        assert_eq!(report["reference"], format!("{HOST}/{}-prod:1.0", on.name));
        assert!(report["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
        let size =
            on.docker(&["image", "inspect", "--format", "{{.Size}}", &format!("{}-prod:1.0", on.name)]);
        assert_eq!(report["size"].to_string(), size.stdout.trim_end());
        assert_eq!(
            (report["account"].as_str(), report["region"].as_str()),
            (Some("123456789012"), Some("us-east-1"))
        );
        assert_eq!(report["pushed"], true);
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn on_a_terminal_the_digest_is_also_the_registrys() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("screen", engine, SAMPLE);
        let line = format!("'{}' prod >digest", env!("CARGO_BIN_EXE_publish-image"));
        let shell = || on.at_home(on.project.program("bash").args(["-c", &line])).uses(on.ecr);
        shell().spawn_in_terminal().wait().status(0).stderr_has("docker push ");
        let digest = || std::fs::read_to_string(on.project.root().join("digest")).expect("a digest");
        let first = digest();
        assert_eq!(first, on.publish().run().stdout);
        shell().spawn_in_terminal().wait().status(0);
        assert_eq!(digest(), first);
    }
}

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn there_is_no_docker_login_with_a_credential_helper() {
    for engine in engines_with_ecr() {
        let on = OnEngine::built("helper", engine, SAMPLE);
        let helper = "#!/bin/sh\necho '{\"Username\":\"AWS\",\"Secret\":\"123456789012-auth-token\"}'\n";
        let project = on.project.clone().executable("programs/docker-credential-stand-in", helper);
        super::docker_config(project.home(), &format!("{{\"credHelpers\":{{\"{HOST}\":\"stand-in\"}}}}"));
        let outcome = on.publish().path_first(&project.root().join("programs")).run();
        outcome.status(0).stderr_lacks("docker login").stderr_has(&format!(
            "publish-image: docker's configuration names the credential helper `stand-in` for {HOST}: not logging in\n"
        ));
    }
}
