//! publish-image: on real engines with a stand-in for ECR, at endpoints that fail, and with a docker that only records
//! its calls.

mod aws;
mod credentials;
mod docs;
mod ecr;
mod ecr_fails;
mod endpoints;
mod feature;
mod hosts;
mod interrupted;
mod password;
mod pasted_aws_commands;
mod permissions;
mod reasons;
mod refused;

use std::path::Path;

use dockerutils_testbed::ecr::{Ecr, ecr};
use dockerutils_testbed::{Engine, Version, engines};
use dockerutils_testkit::{Invocation, Outcome, Project};

/// The sample of the original README, without the stray quote at its end.
const SAMPLE: &str =
    "image_repo=aws\npublication_tag={account}.dkr.ecr.{region}.amazonaws.com/{image}:{tag}\n";

/// A docker that has every image and accepts every push.
const DOCKER_WITH_IMAGE: &str = "case $1 in image) echo '[{\"Size\":1234,\"RepoDigests\":[]}]' ;; push) echo \"1.0: digest: sha256:$(printf 'a%.0s' $(seq 64)) size: 527\" ;; esac";

/// The digest that this docker prints after a push.
const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Returns the engines, each with the stand-in for ECR.
fn engines_with_ecr() -> impl Iterator<Item = (&'static Engine, &'static Ecr)> {
    engines().iter().map(|engine| (engine, ecr()))
}

/// Returns a project whose image `prod`, tagged 1.0, has these keys.
fn configured(keys: &str) -> Project {
    Project::new().dockerfile("prod", "FROM scratch\n").cfg(format!("[prod]\ntag=1.0\n{keys}"))
}

/// A project on a real engine. All tests share one registry, so each has repositories of its own.
struct OnEngine {
    project: Project,
    engine: &'static Engine,
    ecr: &'static Ecr,
    /// The prefix of its images' names.
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

    /// Creates the project and builds its image.
    fn built(name: &str, engine: (&'static Engine, &'static Ecr), keys: &str) -> Self {
        let new = OnEngine::new(name, engine, keys);
        new.build();
        new
    }

    fn build(&self) {
        self.project.command("build-image").arg("prod").uses(self.engine).run().status(0);
    }

    /// Returns publish-image with docker's configuration in the project's home.
    fn publish(&self) -> Invocation {
        self.at_home(self.project.command("publish-image").arg("prod")).uses(self.ecr)
    }

    fn docker(&self, args: &[&str]) -> Outcome {
        self.at_home(self.project.program("docker").args(args)).run()
    }

    fn at_home(&self, invocation: Invocation) -> Invocation {
        invocation.uses(self.engine).env("DOCKER_CONFIG", self.project.home().join(".docker"))
    }

    /// Returns the ID of an image of the engine.
    fn id(&self, image: &str) -> String {
        self.docker(&["image", "inspect", "--format", "{{.Id}}", image]).status(0).stdout.clone()
    }
}

/// Writes docker's configuration into a home folder.
fn docker_config(home: &Path, json: &str) {
    std::fs::create_dir_all(home.join(".docker")).expect("a folder");
    std::fs::write(home.join(".docker/config.json"), json).expect("a file");
}
