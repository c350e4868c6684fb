//! Files of the project that belong to root, because a container created them in a mount.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dockerutils_command::Command;
use dockerutils_docker::bind_mount;

use crate::{Finding, Place};

const ID: &str = "project.owners";

/// How many files are counted.
const MAX_FILES: usize = 100;

/// How many entries are looked at.
const MAX_ENTRIES: usize = 200_000;

/// Files of root in what the images of a project mount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignFiles {
    /// The mounts with such files: files and folders of the engine's machine.
    pub mounts: Vec<String>,
    /// The files, of which some may be missing.
    pub files: Vec<String>,
    /// `UID:GID` of the user whom they should belong to.
    pub owner: String,
    /// An image of the project that the engine has.
    pub image: Option<String>,
}

/// Judges the files of root in what the images of a project mount.
pub fn judge_owners(found: &ForeignFiles, place: &Place) -> Finding {
    let [first, ..] = found.files.as_slice() else {
        return Finding::ok(ID, "no file that an image mounts belongs to root");
    };
    let count = if found.files.len() > MAX_FILES {
        "more than 100".to_owned()
    } else {
        found.files.len().to_string()
    };
    let finding =
        Finding::warning(ID, format!("files in mounts that belong to root: {count}, the first is {first}"));
    match &found.image {
        Some(image) => finding.safe_fix(chown_in(image, found, place)),
        None => {
            let by_sudo = Command::new("sudo").arg("find").args(chown(found));
            finding.fix(place.line(&by_sudo.to_shell()))
        }
    }
}

/// Returns the command that gives files to the user through a container: who may use docker need not be root.
fn chown_in(image: &str, found: &ForeignFiles, place: &Place) -> Command {
    let run = ["docker", "run", "--rm", "--network", "none", "--user", "0:0", "--entrypoint", "find"];
    let words = run.into_iter().chain(["--pull", "never"]).map(str::to_owned);
    let mounts = outermost(&found.mounts).into_iter().flat_map(|mount| bind_mount(mount, mount));
    let words: Vec<String> = words.chain(mounts).chain([image.to_owned()]).chain(chown(found)).collect();
    place.command(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the arguments of a find that gives every file of root to the user, however many there are.
fn chown(found: &ForeignFiles) -> Vec<String> {
    let mounts = outermost(&found.mounts).into_iter().map(str::to_owned);
    let change = ["-xdev", "-user", "0", "-exec", "chown", "-h", &found.owner, "{}", "+"];
    mounts.chain(change.map(str::to_owned)).collect()
}

/// Returns the mounts that are not in another one.
fn outermost(mounts: &[String]) -> Vec<&str> {
    let is_inner =
        |mount: &str| mounts.iter().any(|other| other != mount && Path::new(mount).starts_with(other));
    mounts.iter().map(String::as_str).filter(|mount| !is_inner(mount)).collect()
}

/// Returns the mounts of this machine in which files belong to root, and some of the files. What belongs to the system stays
/// out: a mount counts if the nearest folder above it that is not root's is the user's.
pub fn files_of_root(mounts: &[PathBuf], user: u32) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut with_files, mut files, mut entries) = (Vec::new(), Vec::new(), 0);
    for mount in mounts.iter().filter(|mount| belongs_to(mount, user)) {
        let found = search(mount, &mut entries);
        if !found.is_empty() {
            with_files.push(mount.clone());
        }
        files.extend(found);
    }
    files.sort();
    files.dedup();
    (with_files, files)
}

fn belongs_to(mount: &Path, user: u32) -> bool {
    let mut owners = mount.ancestors().filter_map(|path| Some(fs::symlink_metadata(path).ok()?.uid()));
    owners.find(|owner| *owner != 0) == Some(user)
}

/// Searches a mount on its own file system, like `find -xdev`, until there are 101 files.
fn search(mount: &Path, entries: &mut usize) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(device) = fs::symlink_metadata(mount).map(|metadata| metadata.dev()) else { return files };
    let mut pending = vec![mount.to_owned()];
    while let Some(path) = pending.pop() {
        *entries += 1;
        if *entries > MAX_ENTRIES || files.len() > MAX_FILES {
            break;
        }
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.is_dir() && metadata.dev() == device {
            pending.extend(path.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        if metadata.uid() == 0 {
            files.push(path);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity::{Ok, Warning};

    fn found(mounts: &[&str], image: Option<&str>) -> ForeignFiles {
        ForeignFiles {
            mounts: mounts.iter().map(|mount| (*mount).to_owned()).collect(),
            files: mounts.iter().map(|mount| format!("{mount}/x")).collect(),
            owner: "1000:1000".to_owned(),
            image: image.map(str::to_owned),
        }
    }

    #[test]
    fn one_command_gives_all_files_back_through_the_image() {
        let mounts = ["/h/proj", "/h/proj/out", "/h/out"];
        let finding = judge_owners(&found(&mounts, Some("busybox")), &Place::Local);
        let fix = finding.fix.as_ref().and_then(|fix| fix.safe()).map(Command::to_shell);
        let line = "docker run --rm --network none --user 0:0 --entrypoint find --pull never -v /h/proj:/h/proj \
                    -v /h/out:/h/out busybox /h/proj /h/out -xdev -user 0 -exec chown -h 1000:1000 '{}' +";
        assert_eq!((finding.severity, fix.as_deref()), (Warning, Some(line)));
        let dock = judge_owners(&found(&["/d"], Some("busybox")), &Place::Dock("gpu".to_owned()));
        assert!(dock.fix.unwrap().to_string().starts_with("ssh-dock gpu -- docker run --rm "));
    }

    #[test]
    fn without_an_image_the_fix_is_for_the_user() {
        let fix = judge_owners(&found(&["/h/out"], None), &Place::Local).fix.unwrap();
        assert!(fix.safe().is_none());
        assert_eq!(fix.to_string(), "sudo find /h/out -xdev -user 0 -exec chown -h 1000:1000 '{}' +");
        assert_eq!(judge_owners(&found(&[], None), &Place::Local).severity, Ok);
    }

    #[test]
    fn a_mount_of_the_system_does_not_count() {
        assert!(!belongs_to(Path::new("/etc/passwd"), 1000));
        assert!(!belongs_to(Path::new("/no/such/folder"), 1000));
    }
}
