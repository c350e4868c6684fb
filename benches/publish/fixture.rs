//! A project, its image on an engine, a registry and a stand-in for AWS.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dockerutils_testbed::bench::seconds_of;
use dockerutils_testbed::ecr::{Ecr, HOST};
use dockerutils_testbed::{Engine, Unavailable, Version};
use dockerutils_testkit::{Project, Service};

/// The image's own name.
pub(crate) const LOCAL: &str = "proj-prod:1.0";

pub(crate) struct Fixture {
    project: Project,
    engine: Engine,
    ecr: Ecr,
}

impl Fixture {
    pub(crate) fn new() -> Result<Self, Unavailable> {
        let engine = Engine::start(Version::V20)?;
        let ecr = Ecr::start()?;
        engine.import_busybox(LOCAL);
        let project = Project::new().dockerfile("prod", "FROM scratch\n").cfg(
            "[prod]\ntag=1.0\nimage_repo=aws\n\
             publication_tag={account}.dkr.ecr.{region}.amazonaws.com/{image}:{tag}\n",
        );
        let fixture = Fixture { project, engine, ecr };
        seconds_of(&mut fixture.publish());
        Ok(fixture)
    }

    pub(crate) fn ours(&self) -> String {
        env!("CARGO_BIN_EXE_publish-image").to_owned()
    }

    pub(crate) fn remote(&self) -> String {
        format!("{HOST}/proj-prod:1.0")
    }

    /// Returns a command that runs a program in the project.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.project.root())
            .env_clear()
            .envs(self.ecr.environment())
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.project.home())
            .env("USER", "tester")
            .env("DOCKER_HOST", format!("unix://{}", self.engine.socket().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Returns publish-image with docker's configuration in the project's home.
    pub(crate) fn publish(&self) -> Command {
        let mut command = self.command(&self.ours());
        command.arg("prod");
        command
    }

    /// Returns publish-image with another address for AWS.
    pub(crate) fn publish_at(&self, url: &str) -> Command {
        let mut command = self.publish();
        command.env("AWS_ENDPOINT_URL", url);
        command
    }

    pub(crate) fn docker(&self, args: &[&str]) -> Command {
        let mut command = self.command("docker");
        command.args(args);
        command
    }

    pub(crate) fn push_seconds(&self) -> f64 {
        seconds_of(&mut self.docker(&["push", &self.remote()]))
    }

    /// Records in AWS what the registry has.
    pub(crate) fn record_push(&self) {
        self.ecr.record_push("proj-prod", "1.0");
    }

    /// Removes the image from the records of AWS; the registry keeps it.
    pub(crate) fn forget(&self) {
        let image = "{\"repositoryName\":\"proj-prod\",\"imageIds\":[{\"imageTag\":\"1.0\"}]}";
        self.ecr.call("us-east-1", "BatchDeleteImage", image);
    }

    /// Returns the time in seconds until a program connects to the address that it has for AWS; it is killed then.
    pub(crate) fn seconds_to_first_connection(&self, program: &str) -> f64 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut command = self.command(program);
        command.arg("prod").env("AWS_ENDPOINT_URL", format!("http://{}", listener.local_addr().unwrap()));
        let begin = Instant::now();
        let mut child = command.spawn().unwrap();
        let time = loop {
            match listener.accept() {
                Ok(_) => break begin.elapsed(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(begin.elapsed() < Duration::from_secs(30), "{program} does not connect");
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(error) => panic!("{error}"),
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        time.as_secs_f64()
    }
}
