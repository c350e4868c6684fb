//! transfer-image, from real engines to real docks.
//!
//! Every test has a proxy that counts the bytes on the line: the command's own report is not trusted.
#![expect(clippy::disallowed_types, reason = "every engine has its own docker")]
#![expect(clippy::print_stdout, reason = "--nocapture shows the bytes that were sent")]

mod apply_refused;
mod broken;
mod by_file;
mod cuts;
mod first_transfer;
mod hosts;
mod images;
mod leftovers;
mod matrix;
mod network;
mod output;
mod platforms;
mod refused;
mod saved;
mod stdout;

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use dockerutils_testbed::{Dock, Engine, Image, Proxy, Version, engines};
use dockerutils_testkit::{Invocation, Outcome, Project};

/// A home folder with a dock that is registered as `gpu`, behind a proxy.
struct Fixture<'a> {
    project: Project,
    dock: &'a Dock,
    proxy: Proxy,
    /// Whether transfer-image cannot read the engine's files, as any user but root.
    by_save: bool,
    /// A folder that precedes the others on PATH.
    docker_first: Option<PathBuf>,
}

impl<'a> Fixture<'a> {
    fn of(dock: &'a Dock) -> Self {
        Self::with_delay(dock, Duration::ZERO)
    }

    /// Creates a fixture with a delay in each direction.
    fn with_delay(dock: &'a Dock, one_way: Duration) -> Self {
        let fixture = Fixture {
            project: Project::new(),
            dock,
            proxy: dock.proxy(one_way),
            by_save: false,
            docker_first: None,
        };
        fs::create_dir(fixture.temporary()).expect("a folder");
        // Sockets are placed only in a folder that is private.
        DirBuilder::new().mode(0o700).create(fixture.runtime()).expect("a folder");
        fixture.register("gpu", "ubuntu");
        // The host key is known from now on.
        let ssh = fixture.project.program("ssh").env("PATH", dock.path()).args(["gpu", "true"]);
        ssh.run().status(0);
        fixture
    }

    /// Makes transfer-image use `docker save`.
    fn by_save(self) -> Self {
        Fixture { by_save: true, ..self }
    }

    /// Adds the dock's host key to ssh's known hosts, as `[host]:port` or `host`.
    fn know(&self, name: &str) {
        let host_key = self.dock.exec(&["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]);
        let file = self.project.home().join(".ssh/known_hosts");
        let known = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, format!("{known}{name} {host_key}\n")).expect("known hosts");
    }

    /// Registers the dock for a user of it.
    fn register(&self, moniker: &str, user: &str) {
        let port = self.proxy.address().port().to_string();
        let register = self.project.command("register-dock").env("PATH", self.dock.path());
        let register = register.args(["127.0.0.1", moniker, "--no-check", "-u", user, "-p", &port]);
        register.arg("-i").arg(self.dock.key()).run().status(0);
    }

    /// Returns transfer-image with this engine's docker and the dock's ssh.
    fn transfer(&self, engine: &Engine, words: &[&str]) -> Invocation {
        let bin = engine.socket().with_file_name("bin");
        let path = env::join_paths(
            self.docker_first.clone().into_iter().chain([bin]).chain(env::split_paths(&self.dock.path())),
        );
        let transfer = if self.by_save {
            // Root of a new user namespace may not read files of another user's.
            let arguments = ["--user", "--map-root-user", "--", env!("CARGO_BIN_EXE_transfer-image")];
            self.project.program("unshare").args(arguments)
        } else {
            self.project.command("transfer-image")
        };
        let transfer = transfer.uses(engine);
        let transfer = transfer.env("TMPDIR", self.temporary()).env("XDG_RUNTIME_DIR", self.runtime());
        transfer.env("PATH", path.expect("a PATH")).args(words)
    }

    /// Creates a folder with a docker that runs a command before each `docker save`.
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

    /// Returns the local folder for temporary files.
    fn temporary(&self) -> PathBuf {
        self.project.home().join("tmp")
    }

    /// Returns the local folder for sockets.
    fn runtime(&self) -> PathBuf {
        self.project.home().join("run")
    }

    /// Transfers an image to `gpu`, and returns the bytes that the proxy counted.
    #[track_caller]
    fn send(&self, engine: &Engine, image: &str) -> u64 {
        let before = self.proxy.sent();
        self.transfer(engine, &[image, "gpu"]).run().status(0);
        self.proxy.sent() - before
    }

    /// Returns the dock's docker.
    fn docker(&self) -> Command {
        self.dock.command("docker")
    }

    /// Whether the dock has an image of this name.
    fn has(&self, image: &str) -> bool {
        let inspect = self.docker().args(["image", "inspect", image]).output();
        inspect.expect("nsenter").status.success()
    }

    /// Returns the dock's images without a tag.
    fn dangling(&self) -> String {
        self.dock.exec(&["docker", "image", "ls", "--quiet", "--filter", "dangling=true"])
    }
}

/// Returns a dock that only these tests use, so that anything left behind on it is theirs.
fn dock() -> &'static Dock {
    static DOCK: OnceLock<Dock> = OnceLock::new();
    DOCK.get_or_init(|| Dock::builder("transfer", Version::V20).start().expect("a dock"))
}

/// Returns the engine for tests in which the kind of engine does not matter.
fn engine() -> &'static Engine {
    &engines()[0]
}

/// Returns an image of three layers, some 3 MB; every number is another image.
fn small(number: u64) -> Image {
    Image::new(4_000 + number).random(1_000_000).busybox().random(300_000)
}

/// A layer of this size ends a step of a transfer.
const LAYER: u64 = 34_000_000;

/// Returns an image of three such layers.
fn large(number: u64) -> Image {
    Image::new(5_000 + number).random(LAYER).random(LAYER).random(LAYER)
}

/// Returns the messages of the command, without echoes and the output of other programs.
fn messages(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.stderr.lines().filter_map(|line| line.strip_prefix("transfer-image: "));
    lines.map(str::to_owned).collect()
}

/// Checks that the command fails and its last message contains this text.
#[track_caller]
fn fails_with(outcome: &Outcome, text: &str) {
    let lines = messages(outcome.status(1));
    outcome.check(lines.last().is_some_and(|last| last.contains(text)), || {
        format!("its last message does not contain {text:?}")
    });
}
