//! docs/publish.md is up to date: its configurations are valid, and its fields are those of the JSON.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dockerutils_config::Config;

use super::{DOCKER_WITH_IMAGE, configured};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/publish.md"))
        .expect("docs/publish.md")
}

#[test]
fn the_configurations_of_the_page_are_valid() {
    let page = page();
    let blocks: Vec<&str> =
        page.split("```ini\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let config = Config::parse(block.as_bytes(), "docs/publish.md").expect("a valid configuration");
        assert!(config.image("prod", false).expect("a section").unknown_keys.is_empty());
        let keys = block.split_once('\n').expect("keys").1;
        configured("").cfg(block).command("publish-image").args(["prod", "--dry-run"]).run().status(0);
        assert!(keys.contains("image_repo=aws"));
    }
}

#[test]
fn the_fields_on_the_page_are_those_of_the_json() {
    let page = page();
    let (_, table) = page.split_once("<!-- json:").expect("a table");
    let table = table.split("<!-- /json").next().expect("the end of the table");
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let fields: BTreeSet<String> =
        cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect();
    let project = configured("publication_tag=localhost:5000/x\n");
    let outcome =
        project.command("publish-image").args(["prod", "--json"]).docker_runs(DOCKER_WITH_IMAGE).run();
    let report: serde_json::Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    let keys: BTreeSet<String> = report[0].as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, keys);
}
