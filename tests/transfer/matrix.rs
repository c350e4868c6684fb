//! From every engine to every dock, with different layers there: the image arrives complete, and little more is sent than
//! the missing layers.
//!
//! `cargo test --test commands transfer::matrix -- --include-ignored --nocapture` prints the bytes that were sent.

use dockerutils_testbed::{Dock, DockRegistry, Engine, Image, Version, engines, engines_of_each_store};

use super::Fixture;
use super::saved::saved;

/// The sizes of layers.
const BASE: u64 = 1_000_000;
const MIDDLE: u64 = 700_000;
const TOP: u64 = 500_000;

/// The bytes besides layers: the connection, the scripts and their output, configuration and manifest.
const OVERHEAD: u64 = 64_000;

#[test]
#[ignore = "needs root: private engine and dock"]
fn docker_20_gets_the_missing_layers_from_every_engine() {
    to(Version::V20);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn docker_26_gets_the_missing_layers_from_every_engine() {
    to(Version::V26);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn containerds_store_gets_the_missing_layers_from_every_engine() {
    to(Version::V26Containerd);
}

fn to(version: Version) {
    let classic = &engines()[0];
    let dock = Dock::builder("matrix", version).start().expect("a dock");
    let registry = dock.start_registry();
    let fixture = Fixture::of(&dock);
    for engine in engines_of_each_store() {
        let from = From { engine, fixture: &fixture };
        from.without_layers();
        from.with_lower_layers(classic, &registry);
        assert_eq!(fixture.dangling(), "", "from {}", engine.version());
    }
}

/// Transfers from one engine to one dock.
struct From<'a> {
    engine: &'a Engine,
    fixture: &'a Fixture<'a>,
}

impl From<'_> {
    fn without_layers(&self) {
        let (one, other) = (self.name("nothing"), self.name("other/name"));
        let image = self.image(0);
        self.engine.load(&image, &[&one]);
        let all = self.engine.docker(&["image", "inspect", "--format", "{{.Size}}", &one]);
        // Not every store counts headers.
        self.sends("no layer there", &one, all.parse::<u64>().expect("a size") + 10_000);
        self.sends("all there", &one, 0);
        self.engine.docker(&["tag", &one, &other]);
        self.sends("all there, other name", &other, 0);
        self.engine.load(&image.with_last_layer_changed(), &[&one]);
        self.sends("all there but the top, same name", &one, TOP);
        self.forget(&[&one, &other]);
    }

    /// Transfers while the dock has the lower layers, by `docker load` and then by `docker pull`.
    fn with_lower_layers(&self, classic: &Engine, registry: &DockRegistry) {
        let (loaded, pulled, lower) = (self.name("loaded"), self.name("pulled"), self.name("lower"));
        self.engine.load(&self.image(1), &[&loaded]);
        self.fixture.dock.load(&self.lower(1), &[&lower]);
        self.sends("lower layers there, loaded", &loaded, MIDDLE + TOP);

        self.engine.load(&self.image(2), &[&pulled]);
        classic.load(&self.lower(2), &[&lower]);
        let base = registry.push(classic, &lower);
        self.fixture.dock.exec(&["docker", "pull", &base]);
        self.sends("lower layers there, pulled", &pulled, MIDDLE + TOP);
        let again = format!("{}/again:1", DockRegistry::ON_DOCK);
        self.fixture.dock.exec(&["docker", "tag", &pulled, &again]);
        self.fixture.dock.exec(&["docker", "push", &again]);

        classic.docker(&["image", "rm", &lower]);
        self.forget(&[&loaded, &pulled]);
        self.fixture.dock.exec(&["docker", "image", "rm", &lower, &base, &again]);
    }

    /// Transfers an image, and checks the bytes sent and the image on the dock.
    #[track_caller]
    fn sends(&self, what: &str, image: &str, missing: u64) {
        let (local, dock) = (self.engine.version(), self.fixture.dock);
        let sent = self.fixture.send(self.engine, image);
        println!("| {local} | {} | {what} | {missing} | {sent} |", dock.version());
        assert!(sent <= missing + missing / 10 + OVERHEAD, "{local}, {what}: {sent} bytes for {missing}");
        assert_eq!(
            saved(self.fixture.docker(), image),
            saved(self.engine.command(), image),
            "{local}, {what}"
        );
        if ![local, dock.version()].contains(&Version::V26Containerd) {
            let id = ["image", "inspect", "--format", "{{.Id}}", image];
            let id_on_dock = self.fixture.docker().args(id).output().expect("nsenter").stdout;
            assert_eq!(String::from_utf8_lossy(&id_on_dock).trim_end(), self.engine.docker(&id));
        }
        if missing > 0 {
            // From the log: in the foreground, docker can lose the output of a container that ends at once.
            dock.exec(&["docker", "run", "--name", "ran", image, "echo", "it ran"]);
            assert_eq!(dock.exec(&["docker", "logs", "ran"]), "it ran", "{what}");
            dock.exec(&["docker", "rm", "ran"]);
        }
    }

    /// Removes images from both.
    fn forget(&self, images: &[&str]) {
        let remove = [&["image", "rm"], images].concat();
        self.fixture.docker().args(&remove).output().expect("nsenter");
        self.engine.docker(&remove);
    }

    /// Returns a name that no other pair of engines uses.
    fn name(&self, name: &str) -> String {
        format!("{name}:{}", self.fixture.dock.version() as u8)
    }

    fn image(&self, number: u64) -> Image {
        self.lower(number).random(MIDDLE).random(TOP)
    }

    fn lower(&self, number: u64) -> Image {
        // Every pair of engines has its own layers, so that no other test has sent them already.
        let seed =
            3_000 + 100 * self.engine.version() as u64 + 10 * self.fixture.dock.version() as u64 + number;
        Image::new(seed).random(BASE).busybox()
    }
}
