//! A temporary project folder, and git in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A project in a temporary folder, which is removed with the value.
pub(crate) struct Repository {
    _dir: TempDir,
    root: PathBuf,
}

impl Repository {
    /// Creates a folder without git. Its setup.cfg contains versioneer's settings and is never added to a repository.
    pub(crate) fn folder(settings: &str) -> Self {
        let dir = TempDir::with_prefix("dockerutils-version-").unwrap();
        let root = dir.path().join("project");
        fs::create_dir(&root).unwrap();
        let repository = Repository { _dir: dir, root };
        repository.settings(settings);
        repository
    }

    /// Creates a repository without commits, on the branch `master`.
    pub(crate) fn empty(settings: &str) -> Self {
        let repository = Self::folder(settings);
        repository.git(&["init", "--quiet", "--initial-branch=master"]);
        repository
    }

    /// Creates a repository with this number of commits.
    pub(crate) fn with_commits(settings: &str, count: usize) -> Self {
        let repository = Self::empty(settings);
        repository.commits(count);
        repository
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes another folder, relative to the root, the root.
    pub(crate) fn at(mut self, path: &str) -> Self {
        self.root = self.root.join(path);
        fs::create_dir_all(&self.root).unwrap();
        self
    }

    pub(crate) fn settings(&self, settings: &str) {
        let common = "VCS = git\nversionfile_source = src/_version.py\n";
        self.write("setup.cfg", &format!("[versioneer]\n{common}{settings}\n"));
        self.write("setup.py", "");
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn commits(&self, count: usize) {
        for number in 1..=count {
            self.write("code", &format!("{number} of {count}\n"));
            self.git(&["add", "code"]);
            self.git(&["commit", "--quiet", "--allow-empty", "-m", "change"]);
        }
    }

    pub(crate) fn tag(&self, name: &str) {
        self.git(&["tag", name]);
    }

    pub(crate) fn dirty(&self) {
        self.write("code", "changed\n");
    }

    pub(crate) fn git(&self, args: &[&str]) {
        let output = git(&self.root).args(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Returns the output of git, trimmed.
    pub(crate) fn git_output(&self, args: &[&str]) -> String {
        let output = git(&self.root).args(args).stderr(Stdio::inherit()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// Returns git with a fixed author and date, and without the user's own configuration.
fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", "2021-02-03T04:05:06-0730")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE");
    git
}
