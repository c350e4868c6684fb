//! The commands for images and containers that exist, beside docker's own on a real engine.

use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Rounds, Table};
use dockerutils_testbed::{Engine, Image, Version};
use dockerutils_testkit::{Project, Service};

/// Docker takes tens of milliseconds.
const ROUNDS: Rounds = Rounds { warm_up: 3, counted: 30 };

/// The images of the project, and the containers of the engine.
const IMAGES: usize = 200;
const CONTAINERS: usize = 50;
/// The images of the engine in the second measurement.
const MANY_IMAGES: usize = 2000;

/// Prints a table of ratios. It needs root: without an engine the table is left out.
pub(crate) fn print() {
    let engine = match Engine::start(Version::V20) {
        Ok(engine) => engine,
        Err(reason) => return eprintln!("ls-image and exec-image are left out: {reason}"),
    };
    let bench = Bench { project: project(), engine };
    bench.fill();
    let table = Comparison::start_table();
    bench.exec(&table);
    bench.run(&table);
    bench.ls(&table);
    bench.ls_many(&table);
}

fn project() -> Project {
    let cfg = "[run_image]\nsynthetic_images=plain\n[plain]\nname=proj-dev:tester\nprefix=False\naws_env=no\n[dev]\naws_env=no\n";
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
    (1..IMAGES)
        .fold(project, |project, number| project.dockerfile(&format!("i{number}"), "FROM proj-dev:tester\n"))
}

struct Bench {
    project: Project,
    engine: Engine,
}

impl Bench {
    /// Gives the engine the images and the containers, one of which runs.
    fn fill(&self) {
        let names = (1..IMAGES).map(|number| format!("proj-i{number}:tester"));
        self.load(&["proj-dev:tester".to_owned()].into_iter().chain(names).collect::<Vec<_>>());
        for number in 1..CONTAINERS {
            let name = format!("tester_i{number}_26-11-27_10.00.00.{number}");
            self.engine.docker(&["create", "--name", &name, &format!("proj-i{number}:tester"), "sh"]);
        }
        let name = "tester_dev_26-11-27_10.00.00.0";
        let run = [
            "run",
            "-d",
            "--init",
            "--network",
            "none",
            "--name",
            name,
            "proj-dev:tester",
            "busybox",
            "sleep",
            "100000",
        ];
        self.engine.docker(&run);
    }

    fn load(&self, names: &[String]) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.engine.load(&Image::new(1).busybox(), &names);
    }

    fn ours(&self, path: &str, args: &[&str]) -> Command {
        let mut command = Command::new(path);
        command.args(args).current_dir(self.project.root()).envs(self.engine.environment());
        command.env("USER", "tester").env("LOGNAME", "tester").env_remove("DOCKER_IP");
        command
    }

    fn docker(&self, args: &[&str]) -> Command {
        self.ours("docker", args)
    }

    fn exec(&self, table: &Table) {
        let container = "tester_dev_26-11-27_10.00.00.0";
        let [ours, exec, list] = ROUNDS.medians_of([
            self.ours(env!("CARGO_BIN_EXE_exec-image"), &["dev", "--", "true"]),
            self.docker(&["exec", "-i", container, "true"]),
            self.docker(&["container", "ls", "--all"]),
        ]);
        row(table, "`exec-image dev -- true`", ours, exec + list, Figure::Added, "5 ms");
    }

    /// Measures the request for the image: `plain` is the same image, which docker may pull.
    fn run(&self, table: &Table) {
        let run = |image| self.ours(env!("CARGO_BIN_EXE_run-image"), &["-n", "none", image, "-c", "true"]);
        let [checked, plain] = ROUNDS.medians_of([run("dev"), run("plain")]);
        row(table, "`run-image`: is the image there?", checked, plain, Figure::Added, "1 ms");
    }

    fn ls(&self, table: &Table) {
        let [ours, images, containers] = ROUNDS.medians_of([
            self.ours(env!("CARGO_BIN_EXE_ls-image"), &[]),
            self.docker(&["image", "ls"]),
            self.docker(&["ps", "-a"]),
        ]);
        let what = format!("`ls-image`, {IMAGES} images, {CONTAINERS} containers");
        row(table, &what, ours, images + containers, Figure::Ratio, "1.2");
    }

    fn ls_many(&self, table: &Table) {
        self.load(&(0..MANY_IMAGES).map(|number| format!("other-i{number}:tester")).collect::<Vec<_>>());
        let [ours, images] = ROUNDS
            .medians_of([self.ours(env!("CARGO_BIN_EXE_ls-image"), &["dev"]), self.docker(&["image", "ls"])]);
        row(table, &format!("`ls-image`, {MANY_IMAGES} images"), ours, images, Figure::Ratio, "1.5");
    }
}

/// What a target is about.
#[derive(Clone, Copy)]
enum Figure {
    Added,
    Ratio,
}

fn row(table: &Table, what: &str, ours: f64, docker: f64, figure: Figure, target: &str) {
    let ms = |seconds: f64| format!("{:.1} ms", seconds * 1e3);
    let result = match figure {
        Figure::Added => ms(ours - docker),
        Figure::Ratio => format!("{:.2}", ours / docker),
    };
    let (what, target) = (what.to_owned(), target.to_owned());
    Comparison { what, measured: ms(ours), reference: format!("docker: {}", ms(docker)), result, target }
        .print(table);
}
