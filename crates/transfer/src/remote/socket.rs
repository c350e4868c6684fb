//! The place of ssh's socket: a folder that nobody else may open, and that stays.
//!
//! A folder of each transfer's own would stay behind where we are killed; ssh itself removes its socket whatever becomes
//! of us.

use std::env;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::unistd::geteuid;

/// The longest path of a socket that systems and ssh can bind: ssh binds it under a longer name first.
const LONGEST: usize = 104 - 18;

/// A path for a socket, which no other transfer has.
///
/// # Errors
/// The folder cannot be made, or is not ours alone.
pub(super) fn path() -> io::Result<PathBuf> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let user = format!("dockerutils-transfer-{}", geteuid());
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| is_private(folder));
    let in_runtime = runtime.map(|folder| folder.join(&user)).filter(|folder| fits(&folder.join(&name)));
    let folder = in_runtime.unwrap_or_else(|| Path::new("/tmp").join(&user));
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !is_private(&folder) {
        let why = format!("{} could be written to by others: remove it", folder.display());
        return Err(io::Error::other(why));
    }
    Ok(folder.join(name))
}

fn is_private(folder: &Path) -> bool {
    let is_ours = |found: fs::Metadata| {
        found.is_dir() && found.uid() == geteuid().as_raw() && found.permissions().mode() & 0o077 == 0
    };
    folder.is_absolute() && fs::symlink_metadata(folder).is_ok_and(is_ours)
}

/// Whether ssh takes it: it is short, and nothing in it is replaced.
fn fits(socket: &Path) -> bool {
    socket.as_os_str().len() <= LONGEST
        && socket.to_str().is_some_and(|path| !path.contains(['%', '$', '"', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_socket_has_a_path_of_its_own_that_is_short_and_in_a_folder_of_ours() {
        let (one, other) = (path().unwrap(), path().unwrap());
        assert_ne!(one, other);
        assert!(fits(&one), "{}", one.display());
        assert!(is_private(one.parent().unwrap()));
        assert!(!is_private(Path::new("/tmp")) && !is_private(Path::new("relative")));
    }
}
