//! The stand-in for ECR: it is there, it asks for a password, and nothing of it is left.

use std::net::TcpStream;

use dockerutils_testbed::ecr::{ACCOUNT, ApiFault, Ecr, Endpoint, HOST, PASSWORD};
use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::Project;

/// One test for all of it: a process has one at a time.
#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn it_is_there_and_then_it_is_gone() {
    let engine = &engines()[0];
    let ecr = Ecr::start().expect("a stand-in for ECR");
    an_engine_reaches_it_under_its_name_and_needs_the_password(engine, &ecr);
    an_endpoint_fails_as_it_is_told_and_passes_the_rest_on(&ecr);
    let (folder, address) = (ecr.folder().to_owned(), ecr.address());
    assert!(folder.exists() && TcpStream::connect(address).is_ok());
    drop(ecr);
    assert!(!folder.exists() && TcpStream::connect(address).is_err());
}

fn an_engine_reaches_it_under_its_name_and_needs_the_password(engine: &Engine, ecr: &Ecr) {
    engine.import_busybox(&format!("{HOST}/x:1"));
    let project = Project::new();
    let docker = |args: &[&str]| project.program("docker").args(args).uses(engine).stdin(PASSWORD).run();
    docker(&["push", &format!("{HOST}/x:1")]).status(1);
    docker(&["login", "--username", "AWS", "--password-stdin", HOST]).status(0);
    docker(&["push", &format!("{HOST}/x:1")]).status(0);
    assert!(ecr.digest("x", "1").is_some());
    ecr.call("us-east-1", "CreateRepository", "{\"repositoryName\":\"x\"}");
    ecr.record_push("x", "1");
    let known = ecr.call("us-east-1", "DescribeImages", "{\"repositoryName\":\"x\"}");
    assert!(known.contains(&ecr.digest("x", "1").unwrap()), "{known}");
}

fn an_endpoint_fails_as_it_is_told_and_passes_the_rest_on(ecr: &Ecr) {
    let endpoint = Endpoint::start(Some(ecr.address()), [("DescribeImages", ApiFault::throttling())]);
    let ask = |action: &str| endpoint.call(action, "{\"repositoryName\":\"y\"}");
    assert!(ask("CreateRepository").contains(ACCOUNT));
    assert!(ask("DescribeImages").contains("ThrottlingException"));
    assert_eq!(endpoint.actions(), ["CreateRepository", "DescribeImages"]);
}
