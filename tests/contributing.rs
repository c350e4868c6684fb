//! The pages for contributors name every crate and every command.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerutils::commands::ALL;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The words of a page: `crates/oci` has two, `sync-up` is one.
fn words(page: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(repository(page)).unwrap_or_else(|err| panic!("{page}: {err}"));
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').map(str::to_owned).collect()
}

/// The names of the folders in `crates`.
fn crates() -> impl Iterator<Item = String> {
    let entries = fs::read_dir(repository("crates")).expect("crates").map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().join("Cargo.toml").is_file());
    folders.map(|folder| folder.file_name().to_string_lossy().into_owned())
}

#[test]
fn the_architecture_page_names_every_crate_and_every_command() {
    let words = words("docs/contributing/architecture.md");
    let commands = ALL.iter().map(|entry| entry.name.to_owned());
    let missing: Vec<String> = crates().chain(commands).filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "not named: {missing:?}");
}

#[test]
fn the_page_of_the_crates_names_every_crate() {
    let words = words("crates/README.md");
    let missing: Vec<String> = crates().filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "not named: {missing:?}");
}
