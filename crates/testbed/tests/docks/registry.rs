//! A registry on a dock: images are pulled with the layers as they were pushed, and pushed again.

use std::io::{Read, Write};
use std::net::TcpStream;

use dockerutils_testbed::{Dock, DockRegistry, Engine, Image, Version, engines};

#[test]
#[ignore = "needs root: private engine and dock"]
fn an_image_is_pulled_in_compressed_layers_and_pushed_again() {
    let engine = &engines()[0];
    let image = Image::new(1).busybox().libraries(1_000_000);
    engine.load(&image, &["base:1"]);
    let layers = layers_of(engine, "base:1");
    for version in Version::ALL {
        let dock = Dock::builder("pulls", version).start().expect("a dock");
        let registry = dock.start_registry();
        let base = registry.push(engine, "base:1");
        dock.exec(&["docker", "pull", &base]);
        assert_eq!(dock.exec(&["docker", "run", "--rm", &base, "echo", "it ran"]), "it ran", "{version}");
        let inspect = ["docker", "image", "inspect", "--format", LAYERS, &base];
        assert_eq!(dock.exec(&inspect), layers, "{version}");

        let manifest = manifest_of(&registry, "base", "1");
        assert_eq!(manifest.matches("diff.tar.gzip").count(), 2, "{manifest}");
        assert!(layers.lines().all(|layer| !manifest.contains(layer)), "{manifest}");

        let again = format!("{}/again:1", DockRegistry::ON_DOCK);
        dock.exec(&["docker", "tag", &base, &again]);
        dock.exec(&["docker", "push", &again]);
        let exists = |manifest: &str| manifest.starts_with("HTTP/1.0 200 OK");
        assert!(exists(&manifest_of(&registry, "again", "1")), "{version}");
        assert!(!exists(&manifest_of(&registry, "again", "2")), "{version}");
    }
}

const LAYERS: &str = "{{range .RootFS.Layers}}{{println .}}{{end}}";

fn layers_of(engine: &Engine, reference: &str) -> String {
    engine.docker(&["image", "inspect", "--format", LAYERS, reference])
}

/// Returns the registry's response to a request for an image's manifest.
fn manifest_of(registry: &DockRegistry, name: &str, tag: &str) -> String {
    let mut connection = TcpStream::connect(registry.local_name()).expect("a connection");
    let accept = "application/vnd.docker.distribution.manifest.v2+json";
    write!(connection, "GET /v2/{name}/manifests/{tag} HTTP/1.0\r\nAccept: {accept}\r\n\r\n")
        .expect("a request");
    let mut response = String::new();
    connection.read_to_string(&mut response).expect("a response");
    response
}
