//! The result of `docker save`: whether an image is complete, and the digests that identify it.

use std::collections::HashMap;
use std::io::Read;
use std::process::Command;

use serde_json::Value;

/// Checks that everything that the manifests of an image name is there, and returns the digest of its configuration, in
/// hexadecimal, and those of its layers.
#[track_caller]
pub(super) fn saved(mut docker: Command, reference: &str) -> (String, String) {
    let output = docker.args(["image", "save", reference]).output().expect("docker");
    assert!(output.status.success(), "{reference}: {}", String::from_utf8_lossy(&output.stderr));
    let files = files(&output.stdout);
    let document = |name: &str| -> Value {
        let bytes = files.get(name).unwrap_or_else(|| panic!("{reference}: no {name}"));
        serde_json::from_slice(bytes).expect("JSON")
    };
    let manifest = &document("manifest.json")[0];
    let config = text(&manifest["Config"]);
    for layer in list(&manifest["Layers"]) {
        assert!(files.contains_key(text(layer)), "{reference}: {layer}");
    }
    // Containerd's store writes an index, too.
    if files.contains_key("index.json") {
        for entry in list(&document("index.json")["manifests"]) {
            let manifest = document(&blob(&entry["digest"]));
            for part in list(&manifest["layers"]).iter().chain([&manifest["config"]]) {
                assert!(files.contains_key(&blob(&part["digest"])), "{reference}: {part}");
            }
        }
    }
    let layers = document(config)["rootfs"]["diff_ids"].to_string();
    let digest = config.trim_start_matches("blobs/sha256/").trim_end_matches(".json");
    (digest.to_owned(), layers)
}

fn files(archive: &[u8]) -> HashMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(archive);
    let entries = archive.entries().expect("an archive").map(|entry| {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        (name, bytes)
    });
    entries.collect()
}

fn blob(digest: &Value) -> String {
    format!("blobs/{}", text(digest).replace(':', "/"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}
