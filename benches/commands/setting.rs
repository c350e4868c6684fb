//! A project, a docker that does nothing, and a socket that stands for the engine's.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerutils_testkit::Project;

/// Where every command is run; removed when dropped.
pub(crate) struct Setting {
    project: Project,
    bin: PathBuf,
    engine: String,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let project = Project::new()
            .dockerfile("dev", "FROM scratch\n")
            .file("pyproject.toml", "[build-system]\nrequires = [\"setuptools\"]\n")
            .cfg(
                "[dev]\n\
                 volumes=--mount type=bind,source={project_root},target=/app -v {home}/.cache:/root/.cache\n\
                 ports=-p 8888:8888\n\
                 environment=-e \"MODE=dev\" -e GREETING='hello there'\n\
                 network=host\n\
                 cmd=python -m app\n",
            );
        let bin = project.home().join("bin");
        fs::create_dir(&bin).unwrap();
        symlink(
            ["/bin/true", "/usr/bin/true"].into_iter().find(|path| Path::new(path).exists()).unwrap(),
            bin.join("docker"),
        )
        .unwrap();
        let socket = project.home().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        std::thread::spawn(move || listener.incoming().for_each(drop));
        Setting { project, bin, engine: format!("unix://{}", socket.display()) }
    }

    /// Makes the project one that genversion has something to do for.
    pub(crate) fn use_versioneer(&self) {
        fs::write(self.project.root().join("setup.cfg"), "[versioneer]\nVCS = git\n").unwrap();
    }

    /// A program in the project, seen by nobody.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, program: &str, args: &[A]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.project.root())
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.bin.display()))
            .env("HOME", self.project.home())
            .env("USER", "tester")
            .env("DOCKER_HOST", &self.engine)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// What docker gets from `PROGRAM dev`, as a docker that writes it down has seen it.
    pub(crate) fn docker_arguments(&self, path: &str) -> Vec<OsString> {
        let outcome = self.project.program(path).arg("dev").env("DOCKER_HOST", &self.engine).run();
        outcome.status(0);
        outcome.records.last().unwrap().args.clone()
    }
}
