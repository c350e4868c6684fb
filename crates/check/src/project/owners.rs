//! Files of the project that belong to root, because a container created them in a mount.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dockerutils_command::Command;
use dockerutils_docker::bind_mount;

use crate::{Finding, Place};

const ID: &str = "project.owners";

/// How many files are named, and given back at a time.
const MAX_FILES: usize = 100;

/// How many entries are looked at.
const MAX_ENTRIES: usize = 200_000;

/// Files of root below a folder that an image mounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignFiles {
    /// The folder, on the engine's machine.
    pub folder: String,
    /// The files, below it.
    pub files: Vec<String>,
    /// `UID:GID` of the user whom they should belong to.
    pub owner: String,
    /// An image of the project that the engine has.
    pub image: Option<String>,
}

/// Judges the files of root in the project or its copy.
pub fn judge_owners(found: &ForeignFiles, place: &Place) -> Finding {
    let [first, ..] = found.files.as_slice() else {
        return Finding::ok(ID, "no file of the project belongs to root");
    };
    let count = if found.files.len() > MAX_FILES {
        "more than 100".to_owned()
    } else {
        found.files.len().to_string()
    };
    let finding =
        Finding::warning(ID, format!("files in mounts that belong to root: {count}, the first is {first}"));
    let files = &found.files[..found.files.len().min(MAX_FILES)];
    match &found.image {
        Some(image) => finding.safe_fix(chown(found, files, image, place)),
        None => {
            let by_sudo = Command::new("sudo").args(["chown", "-h", &found.owner]).args(files);
            finding.fix(place.line(&by_sudo.to_shell()))
        }
    }
}

/// Returns the command that gives files to the user through a container: who may use docker need not be root.
fn chown(found: &ForeignFiles, files: &[String], image: &str, place: &Place) -> Command {
    let mount = bind_mount(&found.folder, &found.folder);
    let run = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "--user",
        "0:0",
        "--entrypoint",
        "chown",
        "--pull",
        "never",
    ];
    let words = run.into_iter().map(str::to_owned).chain(mount).chain([image.to_owned()]);
    let words: Vec<String> =
        words.chain(["-h".to_owned(), found.owner.clone()]).chain(files.iter().cloned()).collect();
    place.command(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the files and folders of root below one of these folders, at most 101.
pub fn files_of_root(folder: &Path, mounts: &[PathBuf]) -> Vec<PathBuf> {
    let (mut pending, mut found, mut entries) = (vec![folder.to_owned()], Vec::new(), 0);
    while let Some(folder) = pending.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            entries += 1;
            if entries > MAX_ENTRIES || found.len() > MAX_FILES {
                return found;
            }
            let path = entry.path();
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.uid() == 0 && mounts.iter().any(|mount| path.starts_with(mount)) {
                found.push(path.clone());
            }
            if metadata.is_dir() {
                pending.push(path);
            }
        }
    }
    found.sort();
    found
}
