//! The pages for contributors name every crate and every command, and only files that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerutils::commands::ALL;

/// The pages whose paths are checked.
const PAGES: [&str; 6] = [
    "CONTRIBUTING.md",
    "crates/README.md",
    "docs/contributing/architecture.md",
    "docs/contributing/glossary.md",
    "docs/contributing/style.md",
    "docs/contributing/testing.md",
];

/// The folders at the root that such paths begin with.
const FOLDERS: [&str; 9] =
    ["benches", "crates", "docs", "examples", "fuzz", "scripts", "shell", "src", "tests"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|err| panic!("{path}: {err}"))
}

/// The words of a page: `crates/oci` has two, `sync-up` is one.
fn words(page: &str) -> BTreeSet<String> {
    read(page).split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').map(str::to_owned).collect()
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

#[test]
fn the_page_of_the_crates_lists_the_dependencies_of_each() {
    for line in read("crates/README.md").lines() {
        let Some(name) = line.strip_prefix("| [").and_then(|row| row.split(']').next()) else { continue };
        let column = line.split('|').nth(4).unwrap_or_else(|| panic!("{name} has no column `uses`"));
        let uses = column.split(',').map(|used| used.trim().to_owned()).filter(|used| !used.is_empty());
        assert_eq!(uses.collect::<BTreeSet<_>>(), dependencies(name), "what {name} uses");
    }
}

/// The crates of this workspace that the manifest of a crate names under `[dependencies]`.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().expect("a manifest");
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    let names = table.into_iter().flat_map(toml::Table::keys);
    names.filter_map(|name| name.strip_prefix("dockerutils-")).map(str::to_owned).collect()
}

#[test]
fn every_path_that_a_page_names_exists() {
    for page in PAGES {
        for path in code_spans(&read(page)) {
            let folder = path.split('/').next().unwrap_or_default();
            let is_path = path.contains('/') && FOLDERS.contains(&folder) && !path.contains(['*', ' ', '…']);
            // The walk that adds a command names files that do not exist yet, and COMMAND stands for any name.
            let is_example = ["list_images", "list-images", "COMMAND"].iter().any(|name| path.contains(name));
            if is_path && !is_example {
                assert!(repository(&path).exists(), "{page} names `{path}`, which does not exist");
            }
        }
    }
}

/// The texts between backticks, outside blocks of code.
fn code_spans(page: &str) -> Vec<String> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Files of product code that open something else than a regular file, each with the reason.
const OPENS_OTHERS: [(&str, &str); 2] = [
    ("crates/transfer/src/source/bundle_file.rs", "the user names it, and may name a pipe"),
    ("crates/transfer/src/source/store_files/tree.rs", "it is a folder of the engine"),
];

/// A file in the place of a configuration may be a FIFO, or a link to `/dev/zero`: only crates/file reads it safely.
#[test]
fn product_code_reads_files_through_one_crate() {
    let folders = crates().filter(|name| !["file", "manual", "testbed", "testkit"].contains(&name.as_str()));
    let mut files = rust_files(&repository("src"));
    folders.for_each(|name| files.extend(rust_files(&repository(&format!("crates/{name}/src")))));
    assert!(files.len() > 100, "{} files", files.len());
    for file in files {
        let path = file.strip_prefix(repository("")).expect("a path below the root").display().to_string();
        let is_other = OPENS_OTHERS.iter().any(|(other, _)| *other == path);
        let text = fs::read_to_string(&file).expect("a source file");
        let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for call in ["fs::read(", "fs::read_to_string(", "File::open("] {
            let is_test =
                path.ends_with("/tests.rs") || path.contains("_tests.rs") || path.contains("_tests/");
            // `BundleFile::open(` is another function than `File::open(`.
            let is_called =
                product.match_indices(call).any(|(at, _)| !product[..at].ends_with(char::is_alphanumeric));
            assert!(is_other || is_test || !is_called, "{path} calls {call}…): use dockerutils_file");
        }
    }
}

/// The Rust files in a folder and the folders below it.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}
