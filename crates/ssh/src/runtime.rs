//! The folder that holds sockets: `$XDG_RUNTIME_DIR/dockerutils`, or `/tmp/dockerutils-UID` without a usable one.
//!
//! The folder stays once it has been created. If it were removed with its last entry, another user could create it next
//! (in `/tmp`), and every later command would be refused until that user's folder is gone.

use std::env;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::stat::stat;
use nix::unistd::{Pid, geteuid};

use crate::private_dir::check::{is_ours, is_safe_parent};
use crate::{ControlSocket, PrivateDir, Result};

/// The longest path of a socket that every system and ssh can bind: a socket's address holds 104 bytes on macOS (108 on
/// Linux), and ssh first binds the path with 18 more characters.
const MAX_SOCKET: usize = 104 - 18;

/// How the names of temporary sockets begin; the ID of the process follows.
const CONNECTION: &str = "connection-";

/// The name of the folder.
const FOLDER: &str = "dockerutils";

/// Returns the folder for a socket with this path below it. The folder may not exist and has not been checked: open or
/// create it with [`PrivateDir`].
pub fn runtime_path(socket: &Path) -> PathBuf {
    runtime_path_in(env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from), socket)
}

/// Returns whether a path is one that [`runtime_path`] returns, for some value of XDG_RUNTIME_DIR.
pub fn is_below_runtime_folder(path: &Path) -> bool {
    let parent = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    path.is_absolute() && parent.is_some_and(|name| name == FOLDER || name == folder_in_tmp())
}

fn folder_in_tmp() -> String {
    format!("{FOLDER}-{}", geteuid())
}

fn runtime_path_in(xdg_runtime_dir: Option<PathBuf>, socket: &Path) -> PathBuf {
    let folder = xdg_runtime_dir.filter(|folder| is_usable(folder)).map(|folder| folder.join(FOLDER));
    let fallback = || Path::new("/tmp").join(folder_in_tmp());
    folder.filter(|folder| fits(&folder.join(socket))).unwrap_or_else(fallback)
}

/// A control socket for one command, in the runtime folder.
///
/// ssh removes the socket when the master connection ends, also if the command is killed. The socket stays only if ssh
/// itself is killed: dropping this value removes it then.
#[derive(Debug)]
pub struct TemporarySocket {
    socket: ControlSocket,
    folder: PrivateDir,
    name: String,
}

impl TemporarySocket {
    /// Returns a control socket that no other command uses. The runtime folder is created if it does not exist.
    ///
    /// A folder of its own for each command would stay if that command is killed.
    ///
    /// # Errors
    /// Returns [`Error::NotPrivate`](crate::Error::NotPrivate) if others can use the folder, or fails if it cannot be created.
    pub fn new() -> Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{CONNECTION}{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = PrivateDir::create(&runtime_path(Path::new(&name)))?;
        remove_dead(&folder);
        Ok(TemporarySocket { socket: ControlSocket::in_folder(folder.clone(), name.clone()), folder, name })
    }

    /// Returns the socket for ssh's command lines.
    pub fn socket(&self) -> &ControlSocket {
        &self.socket
    }
}

impl Drop for TemporarySocket {
    fn drop(&mut self) {
        // The command has done its work: a socket that cannot be removed does not make it fail.
        let _ = self.folder.remove(&self.name);
    }
}

/// Removes the temporary sockets of commands that were killed together with their ssh.
fn remove_dead(folder: &PrivateDir) {
    for name in folder.names().unwrap_or_default() {
        let rest = name.strip_prefix(CONNECTION).and_then(|rest| rest.split('-').next());
        let Some(pid) = rest.and_then(|pid| pid.parse().ok()) else { continue };
        // Neither proof is enough: a process of another namespace seems dead, and a socket refuses before ssh listens.
        let is_dead = kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH);
        let refuses = || UnixStream::connect(folder.path().join(&name)).is_err();
        if is_dead && folder.has_socket(&name) && refuses() {
            let _ = folder.remove(&name);
        }
    }
}

/// Returns whether a folder belongs to this user and only this user can write to it.
///
/// After `sudo -E` XDG_RUNTIME_DIR is another user's, and a folder of root's in it would be unusable for that user.
fn is_usable(folder: &Path) -> bool {
    folder.is_absolute() && stat(folder).is_ok_and(|found| is_ours(&found) && is_safe_parent(&found))
}

/// Returns whether ssh can bind a socket at this path: it is short, and contains none of the characters that ssh expands
/// or splits at (`%`, `$`, `:`, blanks, quotes).
fn fits(socket: &Path) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let bytes = socket.as_os_str().as_encoded_bytes();
    bytes.len() <= MAX_SOCKET && bytes.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_in_tmp_if_xdg_runtime_dir_cannot_be_used() {
        use std::os::unix::fs::PermissionsExt;
        let (temp, socket) = (tempfile::tempdir().unwrap(), Path::new("10.0.0.5/docker.sock"));
        let path = |folder: Option<&Path>| runtime_path_in(folder.map(Path::to_owned), socket);
        assert_eq!(path(Some(temp.path())), temp.path().join("dockerutils"));
        let in_tmp = PathBuf::from(format!("/tmp/dockerutils-{}", geteuid()));
        let (long, other) = (temp.path().join("long".repeat(20)), temp.path().join("other"));
        for folder in [&long, &other] {
            std::fs::create_dir(folder).unwrap();
        }
        std::fs::set_permissions(&other, std::fs::Permissions::from_mode(0o777)).unwrap();
        for folder in [None, Some(Path::new("")), Some(Path::new("run")), Some(&long), Some(&other)] {
            assert_eq!(path(folder), in_tmp, "{folder:?}");
        }
    }

    #[test]
    fn a_path_that_ssh_would_read_differently_does_not_fit() {
        for folder in ["/run/a:b", "/run/a%h", "/run/${HOME}", "/run/a b", &"/run".repeat(20)] {
            assert!(!fits(&Path::new(folder).join("docker.sock")), "{folder}");
        }
        assert!(fits(Path::new(
            "/run/user/4294967295/dockerutils/ec2-10-92-128-33.eu-cent-01234567/docker.sock"
        )));
    }

    #[test]
    fn each_temporary_socket_has_its_own_short_path_in_a_private_folder() {
        let (one, other) = (TemporarySocket::new().unwrap(), TemporarySocket::new().unwrap());
        let (one, other) = (one.socket().path(), other.socket().path());
        assert_ne!(one, other);
        assert!(fits(&one), "{}", one.display());
        assert!(PrivateDir::open(one.parent().unwrap()).unwrap().is_some());
    }

    #[test]
    fn dead_sockets_of_commands_that_have_ended_are_removed() {
        let temp = tempfile::tempdir().unwrap();
        let folder = PrivateDir::create(&temp.path().join("run")).unwrap();
        let path = |name: &str| folder.path().join(name);
        // No system has a process of this number.
        let (dead, alive) = (format!("connection-{}-0", i32::MAX), format!("connection-{}-0", process::id()));
        for name in [&dead, &alive, "ssh"] {
            drop(std::os::unix::net::UnixListener::bind(path(name)).unwrap());
        }
        let other = format!("connection-{}-1", i32::MAX);
        let _listener = std::os::unix::net::UnixListener::bind(path(&other)).unwrap();
        remove_dead(&folder);
        assert!(!path(&dead).exists());
        assert!([&alive, "ssh", &other].iter().all(|name| path(name).exists()));
    }

    #[test]
    fn a_socket_that_a_killed_ssh_has_left_is_removed() {
        let socket = TemporarySocket::new().unwrap();
        let path = socket.socket().path();
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(path.exists());
        drop(socket);
        assert!(!path.exists());
    }
}
