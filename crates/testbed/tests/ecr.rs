//! The stand-in for ECR serves the API and a registry with a password, and leaves nothing behind.

use std::net::TcpStream;

use dockerutils_testbed::ecr::{ACCOUNT, ApiFault, Ecr, Endpoint, HOST, PASSWORD};
use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::Project;

/// One test, because a process may have one stand-in at a time.
#[test]
#[ignore = "needs root: private engine and AWS stand-in"]
fn it_serves_until_it_is_dropped() {
    let engine = &engines()[0];
    let ecr = Ecr::start().expect("a stand-in for ECR");
    an_engine_reaches_it_by_name_and_needs_the_password(engine, &ecr);
    an_endpoint_fails_as_configured_and_forwards_other_actions(&ecr);
    let (folder, address) = (ecr.folder().to_owned(), ecr.address());
    assert!(folder.exists() && TcpStream::connect(address).is_ok());
    drop(ecr);
    assert!(!folder.exists() && TcpStream::connect(address).is_err());
}

fn an_engine_reaches_it_by_name_and_needs_the_password(engine: &Engine, ecr: &Ecr) {
    engine.import_busybox(&format!("{HOST}/x:1"));
    let project = Project::new();
    let docker = |args: &[&str]| project.program("docker").args(args).uses(engine).stdin(PASSWORD).run();
    docker(&["push", &format!("{HOST}/x:1")]).status(1);
    docker(&["login", "--username", "AWS", "--password-stdin", HOST]).status(0);
    docker(&["push", &format!("{HOST}/x:1")]).status(0);
    assert!(ecr.digest("x", "1").is_some());
    ecr.call("us-east-1", "CreateRepository", "{\"repositoryName\":\"x\"}");
    ecr.record_push("x", "1");
    let recorded = ecr.call("us-east-1", "DescribeImages", "{\"repositoryName\":\"x\"}");
    assert!(recorded.contains(&ecr.digest("x", "1").unwrap()), "{recorded}");
}

fn an_endpoint_fails_as_configured_and_forwards_other_actions(ecr: &Ecr) {
    let endpoint = Endpoint::start(Some(ecr.address()), [("DescribeImages", ApiFault::throttling())]);
    let call = |action: &str| endpoint.call(action, "{\"repositoryName\":\"y\"}");
    assert!(call("CreateRepository").contains(ACCOUNT));
    assert!(call("DescribeImages").contains("ThrottlingException"));
    assert_eq!(endpoint.actions(), ["CreateRepository", "DescribeImages"]);
}
