//! A dock that is this machine: a shell in place of ssh, a temporary folder in place of /data/workspaces.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime};

use dockerutils_command::{Command, Runner};
use dockerutils_sync::{Error, Sync, Workspace};
use tempfile::TempDir;

/// Drops what is said to ssh before the command: `-l USER -- HOST` by rsync, `-- DESTINATION` by us. It fails without `--`.
pub(crate) const SHELL: &str = r#"until [ "$1" = -- ]; do shift || exit; done; shift 2; exec sh -c "$*""#;

/// A project and its workspace.
pub(crate) struct Dock {
    temp: TempDir,
    pub(crate) sync: Sync,
}

impl Dock {
    /// With an empty project and no workspace.
    pub(crate) fn new() -> Self {
        Self::named("project")
    }

    /// With a project of this name.
    pub(crate) fn named(name: &str) -> Self {
        silence();
        let temp = tempfile::tempdir().expect("a folder");
        let (root, base) = (temp.path().join("here").join(name), temp.path().join("it's \"there\""));
        fs::create_dir_all(&root).expect("a folder");
        let workspace = Workspace {
            dock: "gpu".to_owned(),
            user: "ubuntu".to_owned(),
            destination: "ubuntu@dock".to_owned(),
            host: "dock".to_owned(),
            ssh: shell(SHELL),
            base: base.to_str().expect("text").to_owned(),
            owner: "me".to_owned(),
            project: name.to_owned(),
        };
        let sync = Sync { root, workspace, folder: temp.path().join("kept"), version_file: None };
        Dock { temp, sync }
    }

    /// The project's folder.
    pub(crate) fn here(&self) -> &Path {
        &self.sync.root
    }

    /// The workspace.
    pub(crate) fn there(&self) -> PathBuf {
        self.sync.workspace.path().into()
    }

    /// The folder that holds everything.
    pub(crate) fn temp(&self) -> &Path {
        self.temp.path()
    }

    pub(crate) fn up(&self, delete: bool) -> Result<(), Error> {
        self.sync.up(delete, &Runner::new(false))
    }

    /// Brings what is to be brought; answers with what was, and what was not.
    pub(crate) fn down(&self, force: bool) -> Result<(Vec<String>, Vec<String>), Error> {
        let runner = Runner::new(false);
        let mut plan = self.sync.plan_down(force, &runner)?;
        self.sync.down(&mut plan, &runner)?;
        let text = |paths: &[PathBuf]| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let (mut comes, conflicts): (Vec<String>, _) = (text(&plan.comes), text(&plan.conflicts));
        comes.sort();
        Ok((comes, conflicts))
    }
}

/// This script in place of ssh.
pub(crate) fn shell(script: &str) -> Command {
    Command::new("sh").args(["-c", script, "ssh to the 'dock'"])
}

/// Commands are echoed to standard error, thousands of them. What a test says goes to standard output.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let nowhere = File::options().write(true).open("/dev/null").expect("/dev/null");
        nix::unistd::dup2_stderr(nowhere).expect("standard error");
    });
}

/// Writes a file, and the folders above it, as it was this many seconds after the beginning of the year 2001.
pub(crate) fn write(root: &Path, path: &str, text: &str, seconds: u64) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(978_307_200 + seconds);
    File::options().write(true).open(&path).and_then(|file| file.set_modified(time)).expect("a time");
}

/// The text of a file; nothing where there is none.
pub(crate) fn read(root: &Path, path: &str) -> Option<String> {
    fs::read_to_string(root.join(path)).ok()
}
