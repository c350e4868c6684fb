//! The folder of a session, and the lock under which it is opened and closed.
//!
//! A [`Session`] exists only for a folder that has been checked (see [`PrivateDir`]): its sockets, lock files and links
//! are reached through that folder alone. Its entries are removed by name, never recursively.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use dockerutils_ssh::{ControlSocket, Error, FolderLock, PrivateDir, runtime_path};

use super::Result;
use crate::{Dock, Docks};

/// The socket to which docker's is forwarded.
pub(super) const DOCKER_SOCKET: &str = "docker.sock";
/// The control socket of the master connection.
pub(super) const CONTROL_SOCKET: &str = "ssh";
/// The folder with one file for each process that holds the session.
pub(super) const HOLDERS: &str = "terminals";
/// The file that the watcher locks.
pub(super) const WATCH: &str = "watch";
/// A link to the link by which docker's ssh finds the connection, if docker goes through ssh.
pub(super) const LINK: &str = "link";

/// The file for the ssh that opens the connection.
pub(super) const CONFIGURATION: &str = "config";

/// The file that holds the identity of the session's dock, for the watcher.
pub(super) const DOCK: &str = "dock";

/// The file that lists the ports which sshd lets be forwarded.
pub(super) const FORWARDS: &str = "forwards";

/// The file that lists the ports which stay open on this machine after the command that has opened them.
pub(super) const KEPT_PORTS: &str = "ports";

/// How many characters of a dock's identity are part of its session's name.
const IDENTITY_LENGTH: usize = 24;

/// The folder of a session, which has been checked. The connection in it may be open, lost or not yet opened.
#[derive(Debug, Clone)]
pub struct Session {
    /// The folder of all sessions, which stays.
    parent: PrivateDir,
    name: String,
    folder: PrivateDir,
}

impl Session {
    /// Returns the path of a dock's session, which does not change when an instance gets another address. The folder may
    /// not exist and has not been checked, so the path is good for comparisons and messages only.
    pub fn path(docks: &Docks, dock: &Dock) -> PathBuf {
        let name = name(&docks.file(dock.identity()), dock.identity());
        runtime_path(&Path::new(&name).join(DOCKER_SOCKET)).join(name)
    }

    /// Returns the path of the socket to which docker's is forwarded; like [`path`](Self::path) for comparisons only.
    pub(super) fn socket_path(docks: &Docks, dock: &Dock) -> PathBuf {
        Session::path(docks, dock).join(DOCKER_SOCKET)
    }

    /// Returns the session of a dock; `None` if its folder does not exist.
    ///
    /// # Errors
    /// Fails if other users can use or exchange the folder, or if it is a link.
    pub fn find(docks: &Docks, dock: &Dock) -> Result<Option<Self>> {
        Session::at(&Session::path(docks, dock))
    }

    /// Returns the session in this folder; `None` if the folder does not exist.
    ///
    /// # Errors
    /// Fails as [`find`](Self::find) does.
    pub fn at(path: &Path) -> Result<Option<Self>> {
        let (parent, name) = split(path)?;
        let Some(parent) = PrivateDir::open(parent)? else { return Ok(None) };
        let folder = parent.subfolder(name)?;
        Ok(folder.map(|folder| Session { parent, name: name.to_owned(), folder }))
    }

    /// Creates the session's folder if it does not exist, and waits for its lock.
    pub(super) fn create(path: &Path) -> Result<LockedSession> {
        let (parent, name) = split(path)?;
        let parent = PrivateDir::create(parent)?;
        loop {
            let folder = parent.create_subfolder(name)?;
            // The last holder may remove the folder between its creation and our lock: then it is created again.
            let session = Session { parent: parent.clone(), name: name.to_owned(), folder };
            if let Some(locked) = session.lock()? {
                return Ok(locked);
            }
        }
    }

    /// Waits for the lock under which the session is opened and closed; `None` if another process has closed the session
    /// and removed its folder in the meantime.
    pub(super) fn lock(&self) -> Result<Option<LockedSession>> {
        let lock = self.folder.lock()?;
        Ok(self.folder.is_in_place().then(|| LockedSession { session: self.clone(), _lock: lock }))
    }

    /// Returns the folder's path.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the control socket of the master connection.
    pub fn control(&self) -> ControlSocket {
        ControlSocket::in_folder(self.folder.clone(), CONTROL_SOCKET)
    }

    /// Returns whether the master connection is open, as far as ssh knows.
    pub fn is_connected(&self) -> bool {
        self.control().is_connected()
    }

    /// Returns the path of the socket to which docker's is forwarded.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join(DOCKER_SOCKET)
    }

    pub(super) fn dir(&self) -> &PrivateDir {
        &self.folder
    }
}

/// A session that no other process opens or closes for as long as this value lives.
#[derive(Debug)]
pub(super) struct LockedSession {
    pub(super) session: Session,
    _lock: FolderLock,
}

impl LockedSession {
    /// Removes sockets that a lost connection has left.
    pub(super) fn remove_sockets(&self) -> Result {
        let dir = self.session.dir();
        dir.remove(DOCKER_SOCKET)?;
        for name in dir.names()?.iter().filter(|name| is_of_ssh(name)) {
            dir.remove(name)?;
        }
        Ok(())
    }

    /// Removes the folder and everything that a session creates in it.
    pub(super) fn remove(self) -> Result {
        self.remove_sockets()?;
        let Session { parent, name, folder } = &self.session;
        folder.remove(LINK)?;
        folder.remove(WATCH)?;
        folder.remove(DOCK)?;
        folder.remove(CONFIGURATION)?;
        folder.remove(FORWARDS)?;
        folder.remove(KEPT_PORTS)?;
        folder.remove_subfolder(HOLDERS)?;
        Ok(parent.remove_subfolder(name)?)
    }
}

/// Returns whether a file is ssh's control socket, or the name with random letters under which ssh first binds it.
fn is_of_ssh(name: &str) -> bool {
    name == CONTROL_SOCKET || name.strip_prefix(CONTROL_SOCKET).is_some_and(|rest| rest.starts_with('.'))
}

/// Splits a session's path into the folder of all sessions and the session's name.
fn split(path: &Path) -> Result<(&Path, &str)> {
    match (path.parent(), path.file_name().and_then(|name| name.to_str())) {
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(Error::NotPrivate(path.to_owned()).into()),
    }
}

/// Returns a session's name: the dock's identity for people to read, and a digest of it and the folder of docks, because the
/// docks of another home folder are other docks.
fn name(folder: &Path, identity: &str) -> String {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    // ssh expands no colon, but `-L` splits its argument at them.
    let identity: String = identity.replace(':', "_").chars().take(IDENTITY_LENGTH).collect();
    format!("{identity}-{:08x}", hasher.finish() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_contains_the_address_and_depends_on_the_home() {
        let name = |home: &str, address: &str| name(&Path::new(home).join(".docker").join(address), address);
        assert!(name("/home/me", "10.0.0.5").starts_with("10.0.0.5-"));
        assert!(name("/home/me", "fe80::1").starts_with("fe80__1-"));
        assert_ne!(name("/home/me", "10.0.0.5"), name("/home/you", "10.0.0.5"));
        assert_eq!(name("/home/me", &"long.".repeat(40)).len(), 24 + 1 + 8);
    }

    #[test]
    fn a_removed_session_cannot_be_locked() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("private/dock");
        assert!(Session::at(&path).unwrap().is_none());
        let locked = Session::create(&path).unwrap();
        let stale = locked.session.clone();
        locked.remove().unwrap();
        assert!(!path.exists() && path.parent().unwrap().exists());
        assert!(stale.lock().unwrap().is_none());
        let _again = Session::create(&path).unwrap();
        assert!(stale.lock().unwrap().is_none());
    }

    #[test]
    fn only_sockets_of_ssh_are_removed() {
        for (name, expected) in [("ssh", true), ("ssh.aZ3", true), ("sshx", false), ("watch", false)] {
            assert_eq!(is_of_ssh(name), expected, "{name}");
        }
    }
}
