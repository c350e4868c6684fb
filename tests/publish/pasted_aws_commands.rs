//! The echoed aws commands have the same effect: Amazon's own `aws` runs them against the same stand-in.

use dockerutils_testbed::ecr::{HOST, PASSWORD};

use super::{OnEngine, SAMPLE, engines_with_ecr};

#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn echoed_aws_commands_can_be_pasted() {
    let engine = engines_with_ecr().next().expect("an engine");
    let keys = "ecr_scan_on_push=True\necr_immutable_tags=True\necr_tags=team=data \"owner=Ada, Lovelace\"\n";
    let on = OnEngine::built("pasted", engine, &format!("{SAMPLE}{keys}"));
    let outcome = on.publish().run();
    outcome.status(0);
    let name = format!("{}-prod", on.name);
    let response = |action: &str| {
        let response = on.ecr.call("us-east-1", action, &format!("{{\"repositoryNames\":[\"{name}\"]}}"));
        // The time of creation differs from one repository to the next.
        let fixed = |line: &&str| !line.contains("createdAt");
        response.split(", ").filter(fixed).map(str::to_owned).collect::<Vec<_>>()
    };
    let ours = response("DescribeRepositories");
    let deleted = on.ecr.call(
        "us-east-1",
        "DeleteRepository",
        &format!("{{\"repositoryName\":\"{name}\",\"force\":true}}"),
    );
    assert!(deleted.contains(&name), "{deleted}");

    let aws = on.ecr.aws_cli();
    let paste = |line: &str| {
        let shell = on.at_home(on.project.program("bash").args(["-c", &format!("set -o pipefail; {line}")]));
        shell.uses(on.ecr).path_first(aws.parent().expect("a folder")).run()
    };
    let echoed = |verb: &str| {
        let begin = format!("aws ecr {verb} ");
        outcome.stderr.lines().find(|line| line.starts_with(&begin)).expect("an echo").to_owned()
    };
    paste(&echoed("create-repository")).status(0);
    assert_eq!(response("DescribeRepositories"), ours);
    let arn = format!("{{\"resourceArn\":\"arn:aws:ecr:us-east-1:123456789012:repository/{name}\"}}");
    let tags = on.ecr.call("us-east-1", "ListTagsForResource", &arn);
    assert!(tags.contains("Ada, Lovelace"), "{tags}");
    on.ecr.record_push(&name, "1.0");
    let digest = outcome.stdout.trim_end().rsplit('@').next().expect("a digest");
    let described = paste(&echoed("describe-images"));
    described.status(0).check(described.stdout.contains(digest), || "another digest".to_owned());
    let token = paste(&echoed("get-authorization-token"));
    token
        .status(0)
        .stderr_lacks(PASSWORD)
        .check(!token.stdout.contains(PASSWORD), || "the password is printed".to_owned());
    let login = outcome.echoed().into_iter().find(|line| line.contains(" docker login ")).expect("an echo");
    paste(&format!("docker logout {HOST}")).status(0);
    paste(&login).status(0);
}
