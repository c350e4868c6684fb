//! A project, its image on an engine, a registry and an AWS.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dockerutils_testbed::ecr::{Ecr, HOST};
use dockerutils_testbed::{Engine, Unavailable, Version};
use dockerutils_testkit::{Project, Service};

use crate::measure::time_ms;

/// The image's own name.
pub(crate) const LOCAL: &str = "proj-prod:1.0";

pub(crate) struct Setting {
    project: Project,
    engine: Engine,
    ecr: Ecr,
}

impl Setting {
    pub(crate) fn new() -> Result<Self, Unavailable> {
        let engine = Engine::start(Version::V20)?;
        let ecr = Ecr::start()?;
        engine.import_busybox(LOCAL);
        let project = Project::new().dockerfile("prod", "FROM scratch\n").cfg(
            "[prod]\ntag=1.0\nimage_repo=aws\n\
             publication_tag={account}.dkr.ecr.{region}.amazonaws.com/{image}:{tag}\n",
        );
        let setting = Setting { project, engine, ecr };
        time_ms(&mut setting.publish());
        Ok(setting)
    }

    pub(crate) fn ours(&self) -> String {
        env!("CARGO_BIN_EXE_publish-image").to_owned()
    }

    pub(crate) fn remote(&self) -> String {
        format!("{HOST}/proj-prod:1.0")
    }

    /// A program in the project.
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

    /// publish-image, with docker's configuration in the project's home.
    pub(crate) fn publish(&self) -> Command {
        let mut command = self.command(&self.ours());
        command.arg("prod");
        command
    }

    /// The same, where AWS is somewhere else.
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

    pub(crate) fn push_ms(&self) -> f64 {
        time_ms(&mut self.docker(&["push", &self.remote()]))
    }

    /// AWS knows of what the registry has.
    pub(crate) fn learn(&self) {
        self.ecr.record_push("proj-prod", "1.0");
    }

    /// AWS knows of none of it.
    pub(crate) fn forget(&self) {
        let image = "{\"repositoryName\":\"proj-prod\",\"imageIds\":[{\"imageTag\":\"1.0\"}]}";
        self.ecr.call("us-east-1", "BatchDeleteImage", image);
    }

    /// The time that a program needs until it connects to where it takes AWS to be; it is ended then.
    pub(crate) fn time_to_first_connection_ms(&self, program: &str) -> f64 {
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
                    assert!(begin.elapsed() < Duration::from_secs(30), "{program} connects to nobody");
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(error) => panic!("{error}"),
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        time.as_secs_f64() * 1e3
    }
}
