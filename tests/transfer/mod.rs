//! transfer-image, from real engines to real docks.
//!
//! What comes over the line is counted by a way of each test's own, never believed from what the command says.
#![expect(clippy::disallowed_types, reason = "the engines are asked by their own docker")]
#![expect(clippy::print_stdout, reason = "what was sent is shown under --nocapture")]

mod broken;
mod by_file;
mod hosts;
mod images;
mod leftovers;
mod matrix;
mod network;
mod output;
mod refused;
mod saved;
mod stdout;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use dockerutils_testbed::{Dock, Engine, Image, Proxy, Version, engines};
use dockerutils_testkit::{Invocation, Outcome, Project};

/// A home that knows a dock as `gpu`, over a way that counts.
struct Setting<'a> {
    project: Project,
    dock: &'a Dock,
    way: Proxy,
    /// Whether the mounts of an engine that has its own are out of reach, as they are for whoever is not root.
    by_save: bool,
    /// Where docker is looked for first.
    docker_first: Option<PathBuf>,
}

impl<'a> Setting<'a> {
    fn of(dock: &'a Dock) -> Self {
        Self::far(dock, Duration::ZERO)
    }

    /// The way takes this time in each direction.
    fn far(dock: &'a Dock, one_way: Duration) -> Self {
        let setting = Setting {
            project: Project::new(),
            dock,
            way: dock.proxy(one_way),
            by_save: false,
            docker_first: None,
        };
        fs::create_dir(setting.temporary()).expect("a folder");
        setting.register("gpu", "ubuntu");
        // Its host key is known from now on.
        let ssh = setting.project.program("ssh").env("PATH", dock.path()).args(["gpu", "true"]);
        ssh.run().status(0);
        setting
    }

    /// The same for whoever may not look into the mounts of an engine that has its own.
    fn by_save(self) -> Self {
        Setting { by_save: true, ..self }
    }

    /// ssh knows the dock under this name, `[host]:port` or `host`.
    fn know(&self, name: &str) {
        let host_key = self.dock.exec(&["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]);
        let file = self.project.home().join(".ssh/known_hosts");
        let known = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, format!("{known}{name} {host_key}\n")).expect("known hosts");
    }

    /// Registers the dock for another of its users.
    fn register(&self, moniker: &str, user: &str) {
        let port = self.way.address().port().to_string();
        let register = self.project.command("register-dock").env("PATH", self.dock.path());
        let register = register.args(["127.0.0.1", moniker, "--no-check", "-u", user, "-p", &port]);
        register.arg("-i").arg(self.dock.key()).run().status(0);
    }

    /// transfer-image with this engine's docker and the dock's ssh.
    fn transfer(&self, engine: &Engine, words: &[&str]) -> Invocation {
        let bin = engine.socket().with_file_name("bin");
        let path = env::join_paths(
            self.docker_first.clone().into_iter().chain([bin]).chain(env::split_paths(&self.dock.path())),
        );
        let transfer = match self.by_save {
            // Root of a user namespace of its own may read nothing that is another's.
            true => {
                let own = ["--user", "--map-root-user", "--", env!("CARGO_BIN_EXE_transfer-image")];
                self.project.program("unshare").args(own)
            }
            false => self.project.command("transfer-image"),
        };
        let transfer = transfer.uses(engine);
        transfer.env("PATH", path.expect("a PATH")).env("TMPDIR", self.temporary()).args(words)
    }

    /// The folder of the engine's docker, which does this first where an image is to be saved.
    fn docker_that(&self, engine: &Engine, on_save: &str) -> PathBuf {
        let docker = engine.command().get_program().to_owned();
        let script = format!("#!/bin/sh\n[ \"$2\" != save ] || {on_save}\nexec {docker:?} \"$@\"\n");
        let folder = self.project.home().join("docker-that");
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("docker"), script).expect("a script");
        let permissions = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.join("docker"), permissions).expect("a script that can be run");
        folder
    }

    /// Where temporary files are put here.
    fn temporary(&self) -> PathBuf {
        self.project.home().join("tmp")
    }

    /// Transfers an image to `gpu`, and answers with what came over the line.
    #[track_caller]
    fn send(&self, engine: &Engine, image: &str) -> u64 {
        let before = self.way.sent();
        self.transfer(engine, &[image, "gpu"]).run().status(0);
        self.way.sent() - before
    }

    /// The dock's docker.
    fn docker(&self) -> Command {
        self.dock.command("docker")
    }

    /// Whether the dock has an image of this name.
    fn has(&self, image: &str) -> bool {
        let inspect = self.docker().args(["image", "inspect", image]).output();
        inspect.expect("nsenter").status.success()
    }

    /// Images of the dock without a name.
    fn dangling(&self) -> String {
        self.dock.exec(&["docker", "image", "ls", "--quiet", "--filter", "dangling=true"])
    }
}

/// A dock of these tests alone: what is left behind on it is theirs.
fn dock() -> &'static Dock {
    static DOCK: OnceLock<Dock> = OnceLock::new();
    DOCK.get_or_init(|| Dock::builder("transfer", Version::V20).start().expect("a dock"))
}

/// The engine that is enough where engines do not matter.
fn engine() -> &'static Engine {
    &engines()[0]
}

/// Three layers, some 3 MB; each number is another image.
fn small(number: u64) -> Image {
    Image::new(4_000 + number).random(1_000_000).busybox().random(300_000)
}

/// A step is ended by a layer of this size.
const LAYER: u64 = 34_000_000;

/// Three such layers.
fn large(number: u64) -> Image {
    Image::new(5_000 + number).random(LAYER).random(LAYER).random(LAYER)
}

/// What the command itself says, without echoes and what others say.
fn said(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.stderr.lines().filter_map(|line| line.strip_prefix("transfer-image: "));
    lines.map(str::to_owned).collect()
}

/// It says why it fails in this one sentence, after what is said on the way.
#[track_caller]
fn fails_saying(outcome: &Outcome, sentence: &str) {
    let told = said(outcome.status(1));
    outcome.check(told.last().is_some_and(|last| last.contains(sentence)), || {
        format!("its last sentence does not hold {sentence:?}")
    });
}
