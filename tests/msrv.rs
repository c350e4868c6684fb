//! The Rust version in Cargo.toml: no package that is built on Linux requires a newer one.
//!
//! Clippy checks which parts of the standard library our own code uses (`incompatible_msrv`).
#![expect(clippy::disallowed_types, reason = "the test runs cargo, not one of our commands")]

use std::process::Command;

use serde_json::Value;

#[test]
fn no_dependency_requires_a_newer_rust() {
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = packages();
    assert!(packages.len() > 20, "cargo lists {} packages", packages.len());
    let newer: Vec<String> = packages
        .iter()
        .filter_map(|package| Some((package, package["rust_version"].as_str()?)))
        .filter(|(_, required)| version(required) > ours)
        .map(|(package, required)| {
            format!("{} {} requires Rust {required}", package["name"], package["version"])
        })
        .collect();
    assert!(newer.is_empty(), "{newer:#?}");
}

/// The packages that are built on Linux, as `cargo metadata` describes them.
pub(super) fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform=x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo's JSON");
    serde_json::from_value(metadata["packages"].take()).expect("packages")
}

/// Parses a version; `1.85` stands for `1.85.0`.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text.split('.').map(|number| number.parse().expect("a version"));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}
