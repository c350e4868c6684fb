//! docs/check-dock.md lists every check, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the repository")
}

/// The names of checks in a text, between quotes of this kind.
fn names(text: &str, quote: char) -> BTreeSet<String> {
    let areas = ["client.", "engine.", "gpu.", "dock.", "project.", "aws."];
    let is_name = |text: &&str| {
        areas.iter().any(|area| text.starts_with(area) && text.len() > area.len())
            && text.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '-')
    };
    text.split(quote).skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

#[test]
fn the_page_lists_every_check() {
    let mut in_code = BTreeSet::new();
    for folder in ["", "client", "dock", "engine", "gpu", "project"] {
        let entries =
            fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/check/src").join(folder));
        for file in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
            let is_rust = file.extension().is_some_and(|extension| extension == "rs");
            if is_rust && file.file_name().is_some_and(|name| name != "tests.rs") {
                let text = fs::read_to_string(&file).expect("a file");
                // A line at a time, because a character literal may be a quote.
                let product = text.split("#[cfg(test)]").next().unwrap_or_default();
                in_code.extend(product.lines().flat_map(|line| names(line, '"')));
            }
        }
    }
    let rows = read("docs/check-dock.md");
    let rows: String = rows
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').nth(1).unwrap_or_default().to_owned() + "\n")
        .collect();
    assert_eq!(names(&rows, '`'), in_code);
}
