//! Whose files this process obeys: a configuration names scripts, which run as the caller.
//!
//! The rule is git's since CVE-2022-24765: what decides about a project belongs to the calling user, or the user allows
//! the folder in DOCKERUTILS_SAFE_DIRECTORIES.
//! <https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory>

use std::env;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User, geteuid};

use crate::error::{Error, quoted};

/// The variable that lists, as PATH does, the folders of other users that are allowed with everything below them.
pub(crate) const VARIABLE: &str = "DOCKERUTILS_SAFE_DIRECTORIES";

const ROOT: u32 = 0;
/// The write permission of users outside the owner's group, and the bit that protects entries of a folder from them.
const WRITABLE_BY_OTHERS: u32 = 0o002;
const STICKY: u32 = 0o1000;

/// The users and folders that are trusted.
#[derive(Debug, Clone)]
pub struct Trust {
    users: Vec<u32>,
    folders: Vec<PathBuf>,
    is_everything_allowed: bool,
}

impl Trust {
    /// Returns the rule for this process and its environment.
    pub(crate) fn of_process() -> Self {
        let sudo_uid = env::var("SUDO_UID").ok();
        Self::new(geteuid().as_raw(), sudo_uid.as_deref(), env::var_os(VARIABLE).as_deref())
    }

    fn new(user: u32, sudo_uid: Option<&str>, allowed: Option<&OsStr>) -> Self {
        // sudo sets the variable; for a user other than root it means nothing, because anyone can set it.
        let caller = sudo_uid.filter(|_| user == ROOT).and_then(|id| id.parse().ok());
        let allowed: Vec<PathBuf> = allowed.map(|list| env::split_paths(list).collect()).unwrap_or_default();
        Trust {
            users: [user].into_iter().chain(caller).collect(),
            is_everything_allowed: allowed.iter().any(|folder| folder.as_os_str() == "*"),
            // A relative path would mean another folder in each working folder.
            folders: allowed.into_iter().filter(|path| path.is_absolute()).map(|path| real(&path)).collect(),
        }
    }

    /// Checks the owner of a project's root, of its docker/ and of its configuration.
    ///
    /// # Errors
    /// Returns [`Error::ForeignProject`] for the first that belongs to another user.
    pub(crate) fn check_project(&self, root: &Path) -> Result<(), Error> {
        let docker = root.join("docker");
        let paths = [root.to_owned(), docker.join("dockerutils.cfg"), docker];
        match paths.into_iter().find_map(|path| Some((self.foreign_owner(&path)?, path))) {
            Some((owner, path)) if !self.is_allowed(root) => {
                Err(Error::ForeignProject { root: root.to_owned(), path, owner: name(owner) })
            }
            _ => Ok(()),
        }
    }

    /// Checks the owner of an image's folder and Dockerfile, whose instructions run on the caller's engine.
    ///
    /// # Errors
    /// Returns [`Error::ForeignProject`] if one of them belongs to a user other than the caller and root.
    pub(crate) fn check_image(&self, root: &Path, image: &str) -> Result<(), Error> {
        let folder = root.join("docker").join(image);
        let foreign = [folder.join("Dockerfile"), folder]
            .into_iter()
            .find_map(|path| Some((self.foreign_owner(&path).filter(|owner| *owner != ROOT)?, path)));
        match foreign {
            Some((owner, path)) if !self.is_allowed(root) => {
                Err(Error::ForeignProject { root: root.to_owned(), path, owner: name(owner) })
            }
            _ => Ok(()),
        }
    }

    /// Returns the owner of a path if it is another user. A path that does not exist has no owner.
    fn foreign_owner(&self, path: &Path) -> Option<u32> {
        // A symbolic link and its target may have different owners.
        let found = [path.symlink_metadata(), path.metadata()];
        let owners = found.into_iter().flatten().map(|found| found.uid());
        owners.into_iter().find(|owner| !self.users.contains(owner))
    }

    /// Returns why another user could replace the program or script at this path: a sentence that names the remedy.
    /// `None` if nobody else can, or if there is no such file.
    pub fn script_fault(&self, script: &Path) -> Option<String> {
        let target = script.canonicalize().ok()?;
        // The script may be a symbolic link, which can be replaced too.
        let link = script.parent()?.canonicalize().ok()?.join(script.file_name()?);
        let paths = [&link, &target];
        let (path, writer) =
            paths.iter().find_map(|path| self.writer(path.parent()?).or_else(|| self.writer(path)))?;
        if self.is_allowed(&target) {
            return None;
        }
        let folder = target.parent().unwrap_or(&target).display();
        Some(format!(
            "`{}` is not run, because {} {}: {}, or allow it with `export {VARIABLE}={folder}`",
            link.display(),
            path.display(),
            writer.reason(),
            writer.remedy(&path)
        ))
    }

    /// Returns the path and who can change it, if users who are not trusted can change a file, or the entries of a folder.
    fn writer(&self, path: &Path) -> Option<(PathBuf, Writer)> {
        let found = path.metadata().ok()?;
        let writer = self.writing_users(&found)?;
        Some((path.to_owned(), writer))
    }

    fn writing_users(&self, found: &Metadata) -> Option<Writer> {
        // Root can change everything anyway, so a program of root's is as good as one of the caller's.
        if found.uid() != ROOT && !self.users.contains(&found.uid()) {
            return Some(Writer::Owner(found.uid()));
        }
        let is_protected = found.is_dir() && found.mode() & STICKY != 0;
        (found.mode() & WRITABLE_BY_OTHERS != 0 && !is_protected).then_some(Writer::Everyone)
    }

    fn is_allowed(&self, path: &Path) -> bool {
        self.is_everything_allowed || self.folders.iter().any(|folder| real(path).starts_with(folder))
    }
}

/// Who can change a file although they are not trusted.
#[derive(Debug, Clone, Copy)]
enum Writer {
    Owner(u32),
    Everyone,
}

impl Writer {
    fn reason(self) -> String {
        match self {
            Writer::Owner(owner) => format!("belongs to {}", name(owner)),
            Writer::Everyone => "can be changed by every user".to_owned(),
        }
    }

    fn remedy(self, path: &Path) -> String {
        match self {
            Writer::Owner(_) => "make it yours with chown".to_owned(),
            Writer::Everyone => format!("`chmod o-w {}`", quoted(path)),
        }
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_: io::Error| path.to_owned())
}

/// Returns the name of a user, or the number if it has no name.
fn name(id: u32) -> String {
    let user = User::from_uid(Uid::from_raw(id)).ok().flatten();
    user.map_or_else(|| format!("user {id}"), |user| user.name)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A project of the user who runs the test.
    fn project() -> (tempfile::TempDir, PathBuf, u32) {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap().join("proj");
        fs::create_dir_all(root.join("docker")).unwrap();
        fs::write(root.join("docker/dockerutils.cfg"), "").unwrap();
        let owner = root.metadata().unwrap().uid();
        (temp, root, owner)
    }

    #[test]
    fn the_owner_of_a_project_is_the_user_or_who_called_sudo_or_is_allowed() {
        let (_temp, root, owner) = project();
        let (path, above) = (root.to_str().unwrap(), root.parent().unwrap().to_str().unwrap());
        let other = owner + 1;
        let (caller, stranger) = (owner.to_string(), other.to_string());
        for (user, sudo_uid, allowed, is_trusted) in [
            (owner, None, None, true),
            (other, None, None, false),
            // Only root gets SUDO_UID from sudo.
            (other, Some(caller.as_str()), None, false),
            (ROOT, Some(caller.as_str()), None, true),
            (ROOT, Some(stranger.as_str()), None, owner == ROOT),
            (ROOT, Some("x"), None, owner == ROOT),
            (other, None, Some(path), true),
            (other, None, Some(above), true),
            (other, None, Some("*"), true),
            (other, None, Some("/nowhere:*"), true),
            (other, None, Some(""), false),
            (other, None, Some("."), false),
            (other, None, Some(&path[..path.len() - 1]), false),
        ] {
            let trust = Trust::new(user, sudo_uid, allowed.map(OsStr::new));
            let checked = trust.check_project(&root);
            assert_eq!(checked.is_ok(), is_trusted, "{user} {sudo_uid:?} {allowed:?}: {checked:?}");
        }
    }

    #[test]
    fn a_script_that_other_users_can_replace_is_a_fault() {
        let (_temp, root, owner) = project();
        let script = root.join("prep.sh");
        fs::write(&script, "").unwrap();
        let link = root.join("docker/link.sh");
        symlink(&script, &link).unwrap();
        let fault = |user: u32, script: &Path| Trust::new(user, None, None).script_fault(script).is_some();
        for (folder, file, is_fault) in [
            (0o755, 0o755, false),
            (0o775, 0o775, false),
            (0o777, 0o755, true),
            (0o1777, 0o755, false),
            (0o1777, 0o757, true),
            (0o755, 0o777, true),
        ] {
            fs::set_permissions(&root, Permissions::from_mode(folder)).unwrap();
            fs::set_permissions(&script, Permissions::from_mode(file)).unwrap();
            assert_eq!(fault(owner, &script), is_fault, "{folder:o} {file:o}");
            assert_eq!(fault(owner, &link), is_fault, "a link to {folder:o} {file:o}");
        }
        assert!(!fault(owner, &root.join("missing")));
        // Programs of root's are trusted by everyone.
        assert!(!fault(owner + 1, Path::new("/bin/sh")));
    }
}
