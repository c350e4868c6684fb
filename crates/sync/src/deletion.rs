//! Deletes on the dock exactly the paths of a plan.
//!
//! rsync deletes what does not exist locally, unless a rule protects it. Here everything is protected except the planned
//! paths, so that a file that appears on the dock meanwhile is safe, also in a folder that is deleted.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use crate::overwritten::Overwritten;
use crate::rsync::{IfMissing, Rsync};
use crate::{Error, ProjectSync, rsync_rule};

impl ProjectSync {
    /// Deletes files and links on the dock, and the folders that are empty then and do not exist locally.
    pub(crate) fn delete_remote(
        &self,
        paths: &[PathBuf],
        overwritten: &Overwritten,
        runner: &Runner,
    ) -> Result<(), Error> {
        let folders: BTreeSet<&Path> = paths
            .iter()
            .flat_map(|path| path.ancestors().skip(1))
            .filter(|it| !it.as_os_str().is_empty())
            .collect();
        let is_local = |folder: &&&Path| self.workspace.root.join(folder).is_dir();
        let (kept, gone): (Vec<&Path>, Vec<&Path>) = folders.iter().partition(is_local);
        let mut rules = Vec::new();
        // The sender shows only the folders that lead to the planned paths; the receiver may delete only these paths.
        kept.iter().for_each(|path| add_rule(&mut rules, b"S ", path));
        gone.iter()
            .copied()
            .chain(paths.iter().map(PathBuf::as_path))
            .for_each(|path| add_rule(&mut rules, b"R ", path));
        rules.extend_from_slice(b"H *\0P *\0");
        let list = self.write_list("delete", &rules, runner)?;
        let rsync = Rsync::new(&self.target, &self.workspace, IfMissing::Fail)?.keeping(overwritten)?;
        let rsync =
            rsync.args(["--recursive", "--delete", "--existing", "--ignore-existing", "--omit-dir-times"]);
        let merge = [b"--filter=merge ", list.as_os_str().as_bytes()].concat();
        let rsync = rsync.arg("--from0").arg(std::ffi::OsString::from(std::ffi::OsStr::from_bytes(&merge)));
        rsync.arg(self.local_contents()).arg(self.remote_contents()).run(runner)
    }
}

fn add_rule(rules: &mut Vec<u8>, kind: &[u8], path: &Path) {
    rules.extend_from_slice(kind);
    rules.extend_from_slice(&rsync_rule::from_path(path.as_os_str().as_bytes()));
    rules.push(0);
}
