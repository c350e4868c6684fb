//! Every engine to every dock, whatever is there: it arrives whole, and little more is sent than what was missing.
//!
//! `cargo test --test commands transfer::matrix -- --nocapture` prints what was sent.

use dockerutils_testbed::{Dock, DockRegistry, Engine, Image, Version, engines, engines_of_each_store};

use super::Setting;
use super::saved::saved;

/// The sizes of layers.
const BASE: u64 = 1_000_000;
const MIDDLE: u64 = 700_000;
const TOP: u64 = 500_000;

/// A connection, questions and answers, configuration and manifest.
const BESIDES: u64 = 64_000;

#[test]
#[ignore = "needs root: private engine and dock"]
fn to_docker_20() {
    to(Version::V20);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn to_docker_26() {
    to(Version::V26);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn to_docker_26_with_containerds_store() {
    to(Version::V26Containerd);
}

fn to(version: Version) {
    let classic = &engines()[0];
    let dock = Dock::builder("matrix", version).start().expect("a dock");
    let registry = dock.start_registry();
    let setting = Setting::of(&dock);
    for engine in engines_of_each_store() {
        let from = From { engine, setting: &setting };
        from.nothing_there();
        from.middle_there(classic, &registry);
        assert_eq!(setting.dangling(), "", "from {}", engine.version());
    }
}

/// From one engine to one dock.
struct From<'a> {
    engine: &'a Engine,
    setting: &'a Setting<'a>,
}

impl From<'_> {
    fn nothing_there(&self) {
        let (one, other) = (self.name("nothing"), self.name("other/name"));
        let image = self.image(0);
        self.engine.load(&image, &[&one]);
        let all = self.engine.docker(&["image", "inspect", "--format", "{{.Size}}", &one]);
        // Headers are not counted by every store.
        self.sends("nothing there", &one, all.parse::<u64>().expect("a size") + 10_000);
        self.sends("all there", &one, 0);
        self.engine.docker(&["tag", &one, &other]);
        self.sends("all there, other name", &other, 0);
        self.engine.load(&image.with_last_layer_changed(), &[&one]);
        self.sends("all there but the top, same name", &one, TOP);
        self.forget(&[&one, &other]);
    }

    /// The lower layers are there, by `docker load` and then by `docker pull`.
    fn middle_there(&self, classic: &Engine, registry: &DockRegistry) {
        let (loaded, pulled, lower) = (self.name("loaded"), self.name("pulled"), self.name("lower"));
        self.engine.load(&self.image(1), &[&loaded]);
        self.setting.dock.load(&self.lower(1), &[&lower]);
        self.sends("lower layers there, loaded", &loaded, MIDDLE + TOP);

        self.engine.load(&self.image(2), &[&pulled]);
        classic.load(&self.lower(2), &[&lower]);
        let base = registry.push(classic, &lower);
        self.setting.dock.exec(&["docker", "pull", &base]);
        self.sends("lower layers there, pulled", &pulled, MIDDLE + TOP);
        let again = format!("{}/again:1", DockRegistry::ON_DOCK);
        self.setting.dock.exec(&["docker", "tag", &pulled, &again]);
        self.setting.dock.exec(&["docker", "push", &again]);

        classic.docker(&["image", "rm", &lower]);
        self.forget(&[&loaded, &pulled]);
        self.setting.dock.exec(&["docker", "image", "rm", &lower, &base, &again]);
    }

    /// Transfers it, and looks at what has become of it.
    #[track_caller]
    fn sends(&self, what: &str, image: &str, missing: u64) {
        let (here, dock) = (self.engine.version(), self.setting.dock);
        let sent = self.setting.send(self.engine, image);
        println!("| {here} | {} | {what} | {missing} | {sent} |", dock.version());
        assert!(sent <= missing + missing / 10 + BESIDES, "{here}, {what}: {sent} bytes for {missing}");
        assert_eq!(
            saved(self.setting.docker(), image),
            saved(self.engine.command(), image),
            "{here}, {what}"
        );
        if ![here, dock.version()].contains(&Version::V26Containerd) {
            let id = ["image", "inspect", "--format", "{{.Id}}", image];
            let there = self.setting.docker().args(id).output().expect("nsenter").stdout;
            assert_eq!(String::from_utf8_lossy(&there).trim_end(), self.engine.docker(&id));
        }
        if missing > 0 {
            assert_eq!(dock.exec(&["docker", "run", "--rm", image, "echo", "it ran"]), "it ran", "{what}");
        }
    }

    /// Takes images from both.
    fn forget(&self, images: &[&str]) {
        let remove = [&["image", "rm"], images].concat();
        self.setting.docker().args(&remove).output().expect("nsenter");
        self.engine.docker(&remove);
    }

    /// A name of an image that no other pair of engines has.
    fn name(&self, name: &str) -> String {
        format!("{name}:{}", self.setting.dock.version() as u8)
    }

    fn image(&self, number: u64) -> Image {
        self.lower(number).random(MIDDLE).random(TOP)
    }

    fn lower(&self, number: u64) -> Image {
        // Other layers for each pair of engines, and so nothing that another test has brought.
        let seed =
            3_000 + 100 * self.engine.version() as u64 + 10 * self.setting.dock.version() as u64 + number;
        Image::new(seed).random(BASE).busybox()
    }
}
