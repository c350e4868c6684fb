//! The licences and the sources of all dependencies are those that deny.toml allows.

use std::path::Path;

use serde_json::Value;
use toml::Table;

use super::msrv::packages;

fn table(file: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|err| panic!("{file}: {err}"));
    text.parse().unwrap_or_else(|err| panic!("{file}: {err}"))
}

/// The texts in a list of deny.toml.
fn allowed(section: &str, key: &str) -> Vec<String> {
    let list = table("deny.toml")[section][key].clone();
    list.try_into().unwrap_or_else(|err| panic!("[{section}] {key}: {err}"))
}

/// Returns whether an SPDX expression can be met: of each group that AND connects, one licence must be allowed.
fn is_allowed(expression: &str, licences: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression.split(" AND ").all(|group| {
        group.split(" OR ").any(|licence| licences.iter().any(|allowed| allowed == licence.trim()))
    })
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let licences = allowed("licenses", "allow");
    let licence = |package: &Value| package["license"].as_str().unwrap_or("none").to_owned();
    let others: Vec<String> = packages()
        .iter()
        .filter(|package| !is_allowed(&licence(package), &licences))
        .map(|package| format!("{}: {}", package["name"], licence(package)))
        .collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn every_dependency_comes_from_an_allowed_registry() {
    let registries = allowed("sources", "allow-registry");
    let lock = table("Cargo.lock");
    let packages = lock["package"].as_array().expect("packages");
    assert!(packages.len() > 20, "Cargo.lock lists {} packages", packages.len());
    for package in packages {
        // Our own crates have no source.
        let Some(source) = package.get("source").and_then(toml::Value::as_str) else { continue };
        let registry =
            source.strip_prefix("registry+").unwrap_or_else(|| panic!("{package:?} comes from git"));
        assert!(registries.iter().any(|allowed| allowed == registry), "{package:?}");
        assert!(package.get("checksum").is_some(), "{package:?} has no checksum");
    }
}

#[test]
fn an_expression_with_and_needs_every_licence() {
    let licences = ["MIT", "ISC"].map(str::to_owned);
    for expression in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND ISC"] {
        assert!(is_allowed(expression, &licences), "{expression}");
    }
    for expression in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND Zlib", ""] {
        assert!(!is_allowed(expression, &licences), "{expression}");
    }
}
