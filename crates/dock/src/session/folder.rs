//! The private folder of a session, and its lock.
//!
//! It lies in `$XDG_RUNTIME_DIR/dockerutils`, or in `/tmp/dockerutils-UID` where there is none, and bears the dock's
//! address. Folders that anybody else could write to are refused. What is in it is removed by name, never recursively.

use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use nix::unistd::geteuid;

use super::{Error, Result};
use crate::{Dock, Docks};

/// The longest folder whose sockets ssh can bind: 104 bytes is the least that systems take for a socket's path, and ssh
/// binds its own under a longer name first.
const LONGEST: usize = 104 - "/docker.sock".len() - 18;

/// What is open, or could be, between this user's terminals and a dock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    folder: PathBuf,
}

impl Session {
    /// The session of a dock, open or not.
    pub fn of(docks: &Docks, dock: &Dock) -> Self {
        let name = name(&docks.folder(dock), dock.address.as_str());
        let user = PathBuf::from(format!("/tmp/dockerutils-{}", geteuid()));
        let folder = runtime_folder().map(|folder| folder.join("dockerutils").join(&name));
        Session { folder: folder.filter(|folder| fits(folder)).unwrap_or_else(|| user.join(&name)) }
    }

    /// The session in this folder.
    pub fn at(folder: &Path) -> Self {
        Session { folder: folder.to_owned() }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where docker's socket is forwarded to.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("docker.sock")
    }

    /// Where the ssh connection takes further users.
    pub fn control(&self) -> PathBuf {
        self.folder.join("ssh")
    }

    /// The folder that holds a file for each process that uses it.
    pub(super) fn terminals(&self) -> PathBuf {
        self.folder.join("terminals")
    }

    /// The file that the watcher locks.
    pub(super) fn watch(&self) -> PathBuf {
        self.folder.join("watch")
    }

    /// A link to the link that ssh's configuration names, where docker goes through ssh.
    pub(super) fn link(&self) -> PathBuf {
        self.folder.join("link")
    }

    /// Keeps everybody else from opening and closing it; the folder is made if it is missing.
    pub(super) fn lock(&self) -> Result<Locked> {
        loop {
            if let Some(parent) = self.folder.parent() {
                make_private(parent)?;
            }
            match make_private(&self.folder) {
                // The last session but this one was closed this moment, and took the folder above with it.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => continue,
                made => made?,
            }
            if let Some(locked) = self.lock_existing()? {
                return Ok(locked);
            }
        }
    }

    /// The same, and none where there is no folder, or no longer.
    pub(super) fn lock_existing(&self) -> Result<Option<Locked>> {
        let file = match File::open(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(Error::io("read", &self.folder))?,
        };
        let lock = Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, errno)| Error::io("locked", &self.folder)(errno.into()))?;
        Ok(is_at(&lock, &self.folder).then(|| Locked { session: self.clone(), _lock: lock }))
    }
}

/// A session that nobody else opens or closes as long as this value lives.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) session: Session,
    _lock: Flock<File>,
}

impl Locked {
    /// Removes sockets that nobody listens on any more.
    pub(super) fn clear_sockets(&self) -> Result {
        let mut sockets = vec![self.session.socket()];
        let entries = fs::read_dir(self.session.folder()).into_iter().flatten().flatten();
        // ssh's own, and the names that it binds first and may leave: `ssh.` and random letters.
        sockets.extend(entries.map(|entry| entry.path()).filter(|path| is_of_ssh(path)));
        sockets.iter().try_for_each(|socket| remove(fs::remove_file(socket), socket))
    }

    /// Removes the folder with what a session makes in it.
    pub(super) fn remove(self) -> Result {
        let Session { folder } = &self.session;
        self.clear_sockets()?;
        for file in [self.session.link(), self.session.watch()] {
            remove(fs::remove_file(&file), &file)?;
        }
        remove(fs::remove_dir(self.session.terminals()), &self.session.terminals())?;
        remove(fs::remove_dir(folder), folder)?;
        // It fails while there are other sessions.
        let _ = folder.parent().map(fs::remove_dir);
        Ok(())
    }
}

fn is_of_ssh(path: &Path) -> bool {
    path.file_stem() == Some("ssh".as_ref())
}

/// Whether an open file is still what stands at this path.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let of = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata(), fs::symlink_metadata(path)), (Ok(open), Ok(there)) if of(&open) == of(&there))
}

/// For a removal: what is not there needs none.
pub(super) fn remove(removal: io::Result<()>, path: &Path) -> Result {
    match removal {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("removed", path)(error)),
        _ => Ok(()),
    }
}

/// The address for people to read, and a digest of the dock's folder: another home's docks are others.
fn name(folder: &Path, address: &str) -> String {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    let address: String = address.replace(':', "_").chars().take(24).collect();
    format!("{address}-{:08x}", hasher.finish() as u32)
}

/// `$XDG_RUNTIME_DIR` where it is this user's own; another user's (after `sudo -E`) would be spoilt by our folder.
fn runtime_folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty())?);
    let is_ours =
        fs::metadata(&folder).is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw());
    (is_ours && folder.is_absolute()).then_some(folder)
}

/// Whether ssh takes sockets in it: their paths are short, and ssh replaces `%`, `$` and `:` nowhere in them.
fn fits(folder: &Path) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = folder.as_os_str().as_encoded_bytes();
    bytes.len() <= LONGEST && bytes.iter().all(is_plain)
}

fn make_private(folder: &Path) -> Result {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Error::io("made", folder)(error));
        }
        _ => {}
    }
    match fs::symlink_metadata(folder) {
        Ok(found) if is_private(&found) => Ok(()),
        // Removed by another process's closing this moment: whoever needs it makes it again.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => Err(Error::NotPrivate(folder.to_owned())),
    }
}

fn is_private(found: &fs::Metadata) -> bool {
    found.is_dir() && found.uid() == geteuid().as_raw() && found.permissions().mode() & 0o077 == 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_name_tells_the_address_and_the_home() {
        let name = |home: &str, address: &str| name(&Path::new(home).join(".docker").join(address), address);
        assert!(name("/home/me", "10.0.0.5").starts_with("10.0.0.5-"));
        assert_ne!(name("/home/me", "10.0.0.5"), name("/home/you", "10.0.0.5"));
        let long = name("/home/me", &"long.".repeat(40));
        assert_eq!(long.len(), 24 + 1 + 8);
        assert!(fits(&Path::new("/run/user/4294967295/dockerutils").join(long)));
        assert!(fits(Path::new(&name("/home/me", "fe80::1"))));
    }

    #[test]
    fn paths_that_ssh_would_read_otherwise_are_left() {
        for folder in ["/run/a:b", "/run/a%h", "/run/${HOME}", "/run/a b", &"/run".repeat(20)] {
            assert!(!fits(Path::new(folder)), "{folder}");
        }
    }

    #[test]
    fn a_folder_that_others_can_use_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let open = temp.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(matches!(make_private(&open), Err(Error::NotPrivate(_))));
        let private = temp.path().join("private");
        make_private(&private).unwrap();
        make_private(&private).unwrap();
        symlink(&private, temp.path().join("link")).unwrap();
        assert!(matches!(make_private(&temp.path().join("link")), Err(Error::NotPrivate(_))));
    }

    #[test]
    fn a_lock_is_of_the_folder_that_stands_there() {
        let temp = tempfile::tempdir().unwrap();
        let session = Session::at(&temp.path().join("private/dock"));
        assert!(session.lock_existing().unwrap().is_none());
        let locked = session.lock().unwrap();
        let stale = File::open(session.folder()).unwrap();
        assert!(is_at(&stale, session.folder()));
        locked.remove().unwrap();
        assert!(!session.folder().exists());
        let _again = session.lock().unwrap();
        assert!(!is_at(&stale, session.folder()));
    }
}
