//! A temporary project with a home folder beside it, removed when the last value that uses it is dropped.
//!
//! Nothing is validated: a test may write any file, and the root's name may contain blanks, quotes or `$`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// A project in a temporary folder.
#[derive(Debug, Clone)]
pub struct Project {
    temp: Arc<TempDir>,
    root: PathBuf,
    home: PathBuf,
    invocations: Arc<AtomicUsize>,
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

impl Project {
    /// Creates a project whose root folder is named `proj`, with an empty `docker/dockerutils.cfg`.
    pub fn new() -> Self {
        Self::named("proj")
    }

    /// Creates a project whose root folder has this name.
    pub fn named(name: &str) -> Self {
        let temp = tempfile::Builder::new().prefix("dockerutils-").tempdir().expect("a temporary folder");
        // Commands print the real path of a project, and the temporary folder may be a link.
        let base = temp.path().canonicalize().expect("the temporary folder");
        let (root, home) = (base.join(name), base.join("home"));
        fs::create_dir_all(root.join("docker")).expect("the project's folder");
        fs::write(root.join("docker/dockerutils.cfg"), "").expect("a configuration");
        fs::create_dir(&home).expect("the home folder");
        Project { temp: Arc::new(temp), root, home, invocations: Arc::default() }
    }

    /// Writes a file, and the folders above it; `path` is relative to the root.
    pub fn file(self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.prepare(path.as_ref()), text).expect("a project's file");
        self
    }

    /// Writes an executable file, and the folders above it.
    pub fn executable(self, path: impl AsRef<Path>, text: &str) -> Self {
        write_executable(&self.prepare(path.as_ref()), text).expect("an executable file");
        self
    }

    /// Writes `docker/dockerutils.cfg`.
    pub fn cfg(self, text: impl AsRef<[u8]>) -> Self {
        self.file("docker/dockerutils.cfg", text)
    }

    /// Writes `docker/IMAGE/Dockerfile`.
    pub fn dockerfile(self, image: &str, text: impl AsRef<[u8]>) -> Self {
        self.file(format!("docker/{image}/Dockerfile"), text)
    }

    /// Returns the project's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the home folder that its commands get.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Creates a folder beside the project, for one invocation.
    pub(crate) fn scratch(&self) -> PathBuf {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let dir = self.temp.path().join(format!(".invocation-{number}"));
        fs::create_dir(&dir).expect("a folder for an invocation");
        dir
    }

    fn prepare(&self, path: &Path) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a path below the root")).expect("a project's folder");
        path
    }
}

/// Writes an executable file, through a child process.
///
/// If this process opened it for writing while the thread of another test forks, that child would hold it open for a
/// moment, and running it would fail with "text file busy".
fn write_executable(path: &Path, text: &str) -> io::Result<()> {
    let script = r#"cat >"$1" && chmod 755 "$1""#;
    let mut child = Command::new("sh").args(["-c", script, "sh"]).arg(path).stdin(Stdio::piped()).spawn()?;
    child.stdin.take().expect("a pipe").write_all(text.as_bytes())?;
    if child.wait()?.success() { Ok(()) } else { Err(io::Error::other("chmod failed")) }
}
