//! The images that a Dockerfile needs are those that BuildKit's own parser finds.
//!
//! `cases.jsonl` has generated Dockerfiles that BuildKit accepts, and the images that it finds in them. To make it again
//! in a checkout of <https://github.com/moby/buildkit>, copy `oracle.go` to `cmd/oracle/main.go` there, and run
//! `python3 generate.py | go run ./cmd/oracle | head -500 >cases.jsonl`.

use dockerutils_project::{Dockerfile, DockerfileInputs};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    text: String,
    images: Vec<String>,
}

fn images(text: &str) -> Vec<String> {
    let dockerfile = Dockerfile::parse(text, &DockerfileInputs::default());
    dockerfile.images().iter().map(|image| image.reference.clone()).collect()
}

#[test]
fn the_images_are_those_that_buildkit_finds() {
    let cases: Vec<Case> = serde_json::Deserializer::from_str(include_str!("cases.jsonl"))
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("cases");
    assert_eq!(cases.len(), 500);
    for Case { text, images: expected } in cases {
        assert_eq!(images(&text), expected, "{text}");
    }
}
