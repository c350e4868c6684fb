//! BuildKit: docker's client and a real engine negotiate what is sent, and an image shows the result.

use std::collections::BTreeSet;
use std::fs;

use dockerutils_testbed::{Engine, Version, engines};
use dockerutils_testkit::Project;

use crate::cases::{self, Case, Exceptions, paths, sent};

/// How many trees one build copies: each becomes a layer, and an image has at most 127.
const BATCH: usize = 100;

#[test]
#[ignore = "needs root: private engine"]
fn we_send_what_buildkit_sends() {
    let engine = engines().iter().find(|engine| engine.version() == Version::V26).expect("Docker 26");
    for batch in cases::list(200, Exceptions::All).chunks(BATCH) {
        let project = Project::new();
        let expected: Vec<_> =
            batch.iter().enumerate().map(|(number, case)| tree(&project, number, case)).collect();
        build(&project, engine, expected.iter().map(Option::is_some));
        for (number, sent) in
            expected.into_iter().enumerate().filter_map(|(number, sent)| Some((number, sent?)))
        {
            let image = project.root().join(format!("image/{number}"));
            assert_eq!(sent, paths(&image), "{:?}", batch[number].ignore());
        }
    }
}

/// Creates the tree of a case. Returns the paths that we would send.
fn tree(project: &Project, number: usize, case: &Case) -> Option<BTreeSet<String>> {
    let root = project.root().join(format!("tree-{number}"));
    fs::create_dir(&root).expect("a folder");
    case.create(&root);
    sent(&root)
}

/// Builds an image that copies each accepted tree from a context of its own.
fn build(project: &Project, engine: &Engine, is_accepted: impl Iterator<Item = bool>) {
    let mut dockerfile = "FROM scratch\n".to_owned();
    let mut build = project.program("docker").uses(engine).args(["buildx", "build", "--output=image"]);
    for (number, _) in is_accepted.enumerate().filter(|(_, is_accepted)| *is_accepted) {
        dockerfile.push_str(&format!("COPY --from=tree-{number} . /{number}/\n"));
        build = build.arg("--build-context").arg(format!("tree-{number}=tree-{number}"));
    }
    fs::write(project.root().join("docker/Dockerfile"), dockerfile).expect("a Dockerfile");
    build.arg("docker").run().status(0);
}
