//! A project, a docker that does nothing, and a socket in place of the engine's.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerutils_testkit::Project;

/// The project that every command runs in; removed when it is dropped.
pub(crate) struct Fixture {
    project: Project,
    bin: PathBuf,
    engine: String,
}

impl Fixture {
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
        does_nothing(&bin.join("docker"));
        let socket = project.home().join("docker.sock");
        // A command may look whether an engine is there: this one closes every connection.
        let listener = UnixListener::bind(&socket).unwrap();
        std::thread::spawn(move || listener.incoming().for_each(drop));
        Fixture { project, bin, engine: format!("unix://{}", socket.display()) }
    }

    /// Creates a program that does nothing, in a folder that is not on PATH, and returns its path.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = self.project.home().join("programs");
        fs::create_dir_all(&folder).unwrap();
        does_nothing(&folder.join(name));
        folder.join(name)
    }

    /// Writes a file of the project.
    pub(crate) fn file(&self, name: &str, contents: &str) {
        fs::write(self.project.root().join(name), contents).unwrap();
    }

    /// Registers the dock `box`, with these lines in its record.
    pub(crate) fn register(&self, lines: &str) {
        let folder = self.project.home().join(".docker/192.0.2.1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("connection_config.txt"), format!("DOCK_MONIKER=box\n{lines}")).unwrap();
    }

    /// Makes the project one that uses versioneer, so that genversion has work to do.
    pub(crate) fn use_versioneer(&self) {
        fs::write(self.project.root().join("setup.cfg"), "[versioneer]\nVCS = git\n").unwrap();
    }

    /// Returns a command that runs a program in the project, without any output.
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

    /// Returns the arguments that docker gets from `PROGRAM dev`, taken from a docker that records its calls.
    pub(crate) fn docker_arguments(&self, path: &str) -> Vec<OsString> {
        let outcome = self.project.program(path).arg("dev").env("DOCKER_HOST", &self.engine).run();
        outcome.status(0);
        outcome.records.last().unwrap().args.clone()
    }
}

/// Creates a program that does nothing.
fn does_nothing(path: &Path) {
    let program = ["/bin/true", "/usr/bin/true"].into_iter().find(|path| Path::new(path).exists());
    symlink(program.unwrap(), path).unwrap();
}
