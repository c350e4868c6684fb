//! publish-image: on real engines with a stand-in for ECR, at endpoints that fail, and with a docker that only writes
//! down how it was called.

mod aws_words;
mod children;
mod docs;
mod ecr;
mod ecr_fails;
mod endpoints;
mod feature;
mod hosts;
mod interrupted;
mod refused;

use std::path::Path;

use dockerutils_testbed::ecr::{Ecr, ecr};
use dockerutils_testbed::{Engine, Version, engines};
use dockerutils_testkit::{Invocation, Outcome, Project};

/// The original's sample, as its README has it, but for the quote at its end.
const SAMPLE: &str =
    "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/{image}:{tag}\n";

/// A docker that answers as an engine with an image does, and takes every push.
const ANSWERS: &str = "case $1 in image) echo '[{\"Size\":1234,\"RepoDigests\":[]}]' ;; push) echo \"1.0: digest: sha256:$(printf 'a%.0s' $(seq 64)) size: 527\" ;; esac";

/// The digest that it tells.
const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The engines, each with the stand-in for ECR.
fn engines_with_ecr() -> impl Iterator<Item = (&'static Engine, &'static Ecr)> {
    engines().iter().map(|engine| (engine, ecr()))
}

/// A project whose image `prod`, tagged 1.0, is published as these keys say.
fn configured(keys: &str) -> Project {
    Project::new().dockerfile("prod", "FROM scratch\n").cfg(format!("[prod]\ntag=1.0\n{keys}"))
}

/// A project on a real engine: the registry is one for all, so each has names of its own there.
struct OnEngine {
    project: Project,
    engine: &'static Engine,
    ecr: &'static Ecr,
    /// What its images' names begin with.
    name: String,
}

impl OnEngine {
    fn new(name: &str, (engine, ecr): (&'static Engine, &'static Ecr), keys: &str) -> Self {
        let version = if engine.version() == Version::V20 { "20" } else { "26" };
        let name = format!("{name}-{version}");
        let project = Project::named(&name)
            .dockerfile("prod", "FROM busybox\nCOPY mark /mark\n")
            .file("mark", format!("{name}\n"))
            .cfg(format!("[prod]\ntag=1.0\n{}", keys.replace("NAME", &name)));
        OnEngine { project, engine, ecr, name }
    }

    /// The same with its image built.
    fn built(name: &str, where_: (&'static Engine, &'static Ecr), keys: &str) -> Self {
        let new = OnEngine::new(name, where_, keys);
        new.build();
        new
    }

    fn build(&self) {
        self.project.command("build-image").arg("prod").uses(self.engine).run().status(0);
    }

    /// publish-image, with docker's own configuration in the project's home.
    fn publish(&self) -> Invocation {
        self.at_home(self.project.command("publish-image").arg("prod")).uses(self.ecr)
    }

    fn docker(&self, args: &[&str]) -> Outcome {
        self.at_home(self.project.program("docker").args(args)).run()
    }

    fn at_home(&self, invocation: Invocation) -> Invocation {
        invocation.uses(self.engine).env("DOCKER_CONFIG", self.project.home().join(".docker"))
    }

    /// The id of an image that the engine has.
    fn id(&self, image: &str) -> String {
        self.docker(&["image", "inspect", "--format", "{{.Id}}", image]).status(0).stdout.clone()
    }
}

/// Writes docker's own configuration into a home.
fn docker_config(home: &Path, json: &str) {
    std::fs::create_dir_all(home.join(".docker")).expect("a folder");
    std::fs::write(home.join(".docker/config.json"), json).expect("a file");
}
