//! Deletes on the dock exactly the paths of a plan.
//!
//! rsync deletes what does not exist locally, unless a rule protects it. Here everything is protected except the planned
//! paths, so that a file that appears on the dock meanwhile is safe, also in a folder that is deleted.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::atomic_write::create_private_folder;
use crate::exclusions::Exclusions;
use crate::overwritten::Overwritten;
use crate::rsync::{IfMissing, Rsync};
use crate::{Error, Ignore, ProjectSync, rsync_rule};

impl ProjectSync {
    /// Deletes files and links on the dock, and the folders that are empty then, do not exist locally and are not excluded.
    pub(crate) fn delete_remote(
        &self,
        paths: &[PathBuf],
        ignore: &Ignore,
        overwritten: &Overwritten,
        runner: &Runner,
    ) -> Result<(), Error> {
        let folders: BTreeSet<&Path> = paths
            .iter()
            .flat_map(|path| path.ancestors().skip(1))
            .filter(|it| !it.as_os_str().is_empty())
            .collect();
        let mut exclusions = Exclusions::new(ignore);
        // A folder stays with the folders above it.
        let stays: Vec<&Path> = folders
            .iter()
            .copied()
            .filter(|folder| self.workspace.root.join(folder).is_dir() || exclusions.is_excluded(folder))
            .collect();
        let is_kept = |folder: &&Path| stays.iter().any(|stays| stays.starts_with(folder));
        let (kept, gone): (Vec<&Path>, Vec<&Path>) = folders.iter().copied().partition(is_kept);
        // rsync enters a folder on the dock only if it finds one here, so it gets a tree of the folders that stay.
        let tree = self.state_path("folders");
        if !runner.is_dry_run() {
            create_tree(&tree, &kept)?;
        }
        let mut rules = Vec::new();
        // The receiver may delete only the planned paths.
        gone.iter()
            .copied()
            .chain(paths.iter().map(PathBuf::as_path))
            .for_each(|path| add_rule(&mut rules, b"R ", path));
        rules.extend_from_slice(b"P *\0");
        let list = self.write_list("delete", &rules, runner)?;
        let rsync = Rsync::new(self, IfMissing::Fail)?.keeping(overwritten)?;
        let rsync =
            rsync.args(["--recursive", "--delete", "--existing", "--ignore-existing", "--omit-dir-times"]);
        let merge = [b"--filter=merge ", list.as_os_str().as_bytes()].concat();
        let rsync = rsync.arg("--from0").arg(std::ffi::OsString::from(std::ffi::OsStr::from_bytes(&merge)));
        rsync.arg(tree.join("")).arg(self.remote_contents()).run(runner)
    }
}

/// Creates these folders in a folder of ours, and removes what it held before.
fn create_tree(tree: &Path, folders: &[&Path]) -> Result<(), Error> {
    match fs::remove_dir_all(tree) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io("write", tree)(error)),
        _ => create_private_folder(tree)?,
    }
    folders.iter().try_for_each(|folder| create_private_folder(&tree.join(folder)))
}

fn add_rule(rules: &mut Vec<u8>, kind: &[u8], path: &Path) {
    rules.extend_from_slice(kind);
    rules.extend_from_slice(&rsync_rule::from_path(path.as_os_str().as_bytes()));
    rules.push(0);
}
