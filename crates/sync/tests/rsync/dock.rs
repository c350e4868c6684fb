//! A dock that is this machine: a shell replaces ssh, and a temporary folder replaces /data/workspaces.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use dockerutils_command::{Command, Runner};
use dockerutils_project::Workspace;
use dockerutils_sync::{Error, ProjectSync, SshTarget, UpOptions, UpPlan};
use tempfile::TempDir;

/// Runs a remote command in a local shell. It skips the options up to `--`, as in rsync's `-l USER -- HOST` and our own
/// `-- DESTINATION`, and fails without `--`.
pub(crate) const SHELL: &str = r#"until [ "$1" = -- ]; do shift || exit; done; shift 2; exec sh -c "$*""#;

/// A project and its workspace.
pub(crate) struct Dock {
    temp: TempDir,
    pub(crate) sync: ProjectSync,
}

impl Dock {
    /// Creates a dock without a workspace, and an empty project.
    pub(crate) fn new() -> Self {
        Self::named("project")
    }

    /// Creates a dock with the file `a` on both sides, with the time of second 0.
    pub(crate) fn synced() -> Self {
        let dock = Self::new();
        write(dock.local(), "a", "old", 0);
        dock.up(false).expect("a sync");
        dock
    }

    /// Changes `a` here and on the dock: not (`None`), removes it (an empty text), or writes a text.
    pub(crate) fn change_a(&self, local: Option<&str>, remote: Option<&str>) {
        for (root, change, second) in [(self.local(), local, 5), (&self.remote(), remote, 6)] {
            match change {
                None => {}
                Some("") => fs::remove_file(root.join("a")).expect("a file"),
                Some(text) => write(root, "a", text, second),
            }
        }
    }

    /// Creates a dock, and a project of this name.
    pub(crate) fn named(name: &str) -> Self {
        silence_echoes();
        let temp = tempfile::tempdir().expect("a folder");
        let (root, base) = (temp.path().join("local").join(name), temp.path().join("it's \"remote\""));
        fs::create_dir_all(&root).expect("a folder");
        let base = base.to_str().expect("text").to_owned();
        let target = SshTarget {
            dock: "gpu".to_owned(),
            user: "ubuntu".to_owned(),
            destination: "ubuntu@dock".to_owned(),
            host: "dock".to_owned(),
            ssh: shell(SHELL),
        };
        let workspace = Workspace { root, path: format!("{base}/me/code/{name}"), base };
        let sync = ProjectSync {
            target,
            arguments: "gpu".to_owned(),
            workspace,
            state_folder: temp.path().join("state"),
            backup_folder: temp.path().join("backup"),
            version_file: None,
        };
        Dock { temp, sync }
    }

    /// Returns the project's folder.
    pub(crate) fn local(&self) -> &Path {
        &self.sync.workspace.root
    }

    /// Returns the workspace's folder.
    pub(crate) fn remote(&self) -> PathBuf {
        self.sync.workspace.path.as_str().into()
    }

    /// Returns the temporary folder that contains both.
    pub(crate) fn temp(&self) -> &Path {
        self.temp.path()
    }

    pub(crate) fn up(&self, delete: bool) -> Result<UpPlan, Error> {
        self.up_with(UpOptions { delete, force: false })
    }

    pub(crate) fn up_with(&self, options: UpOptions) -> Result<UpPlan, Error> {
        self.sync.up(options, None, &Runner::new(false))
    }

    /// Plans and fetches. Returns the paths that were fetched, and the conflicts.
    pub(crate) fn down(&self, force: bool) -> Result<(Vec<String>, Vec<String>), Error> {
        let runner = Runner::new(false);
        let mut plan = self.sync.plan_down(force, &runner)?;
        self.sync.down(&mut plan, None, &runner)?;
        let text = |paths: &[PathBuf]| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let (mut fetched, mut conflicts): (Vec<String>, Vec<String>) =
            (text(&plan.fetched), text(&plan.conflicts));
        conflicts.extend(text(&plan.other_kinds));
        fetched.sort();
        conflicts.sort();
        Ok((fetched, conflicts))
    }
}

/// Returns a command that runs this script instead of ssh.
pub(crate) fn shell(script: &str) -> Command {
    Command::new("sh").args(["-c", script, "ssh to the 'dock'"])
}

/// Discards standard error, to which thousands of commands are echoed. A failed assertion is printed to standard output.
fn silence_echoes() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let null = File::options().write(true).open("/dev/null").expect("/dev/null");
        nix::unistd::dup2_stderr(null).expect("standard error");
    });
}

/// Writes a file and creates its folders. The file's time is this many seconds after the beginning of the year 2001.
pub(crate) fn write(root: &Path, path: &str, text: &str, seconds: u64) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(978_307_200 + seconds);
    File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("a time");
}

/// Sets the time of a file to this many nanoseconds after the beginning of the year 2001.
pub(crate) fn set_nanoseconds(root: &Path, path: &str, nanoseconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(978_307_200) + Duration::from_nanos(nanoseconds);
    let file = File::options().write(true).open(root.join(path)).expect("a file");
    file.set_modified(time).expect("a time");
}

/// Returns the text of a file, if it exists.
pub(crate) fn read(root: &Path, path: &str) -> Option<String> {
    fs::read_to_string(root.join(path)).ok()
}
