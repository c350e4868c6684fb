//! BuildKit: docker's client and a real engine agree on what is sent, and an image shows it.

use std::collections::BTreeSet;
use std::fs;

use dockerutils_testbed::{Engine, Version, engines};
use dockerutils_testkit::Project;

use crate::cases::{self, Case, Exceptions, paths, sent};

/// How many trees one build copies: each is a layer, and an image has room for 127.
const BATCH: usize = 100;

#[test]
#[ignore = "needs root: private engine"]
fn what_is_sent_is_what_buildkit_sends() {
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

/// Makes the tree of a case; answers with what we would send of it.
fn tree(project: &Project, number: usize, case: &Case) -> Option<BTreeSet<String>> {
    let root = project.root().join(format!("tree-{number}"));
    fs::create_dir(&root).expect("a folder");
    case.make(&root);
    sent(&root)
}

/// Copies each tree that we do not refuse, as a context of its own, into an image.
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
