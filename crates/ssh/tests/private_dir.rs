//! A folder that others can use is refused, and nothing in a private folder is followed through a link.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use dockerutils_ssh::{Error, PrivateDir};

fn private(temp: &tempfile::TempDir) -> PrivateDir {
    PrivateDir::create(&temp.path().join("private")).unwrap()
}

/// A file of the user's that a link in the folder points at.
fn victim(temp: &tempfile::TempDir) -> PathBuf {
    let file = temp.path().join("victim");
    fs::write(&file, "precious").unwrap();
    file
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_is_created_with_mode_0700_and_opened_again() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("private");
    assert!(PrivateDir::open(&path).unwrap().is_none());
    assert!(PrivateDir::open(&temp.path().join("no/such")).unwrap().is_none());
    PrivateDir::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o700);
    assert!(PrivateDir::open(&path).unwrap().is_some());
    PrivateDir::create(&path).unwrap();
}

#[test]
fn a_folder_that_others_can_use_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("open");
    fs::create_dir(&path).unwrap();
    for mode in [0o777, 0o770, 0o707, 0o701, 0o750, 0o1777] {
        set_mode(&path, mode);
        assert!(matches!(PrivateDir::open(&path), Err(Error::NotPrivate(_))), "{mode:o}");
        assert!(matches!(PrivateDir::create(&path), Err(Error::NotPrivate(_))), "{mode:o}");
    }
}

#[test]
fn a_link_and_a_file_in_place_of_the_folder_are_refused() {
    let temp = tempfile::tempdir().unwrap();
    let real = private(&temp);
    let link = temp.path().join("link");
    symlink(real.path(), &link).unwrap();
    for path in [link, victim(&temp)] {
        assert!(matches!(PrivateDir::open(&path), Err(Error::NotPrivate(_))), "{}", path.display());
        assert!(matches!(PrivateDir::create(&path), Err(Error::NotPrivate(_))), "{}", path.display());
    }
    symlink(temp.path(), real.path().join("sub")).unwrap();
    assert!(matches!(real.subfolder("sub"), Err(Error::NotPrivate(_))));
    assert!(matches!(real.create_subfolder("sub"), Err(Error::NotPrivate(_))));
}

#[test]
fn a_folder_that_others_can_exchange_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let path = private(&temp).path().to_owned();
    set_mode(temp.path(), 0o777);
    assert!(matches!(PrivateDir::open(&path), Err(Error::UnsafeParent(_))));
    // With the sticky bit, as in /tmp, only its owner can rename the folder.
    set_mode(temp.path(), 0o1777);
    assert!(PrivateDir::open(&path).unwrap().is_some());
}

#[test]
fn no_operation_follows_a_link() {
    let temp = tempfile::tempdir().unwrap();
    let (folder, victim) = (private(&temp), victim(&temp));
    symlink(&victim, folder.path().join("link")).unwrap();
    assert!(matches!(folder.create_file("link"), Err(Error::Foreign { .. })));
    assert!(matches!(folder.write("link", "x"), Err(Error::Foreign { .. })));
    assert!(matches!(folder.read("link"), Err(Error::Foreign { .. })));
    assert!(!folder.has_socket("link"));
    assert_eq!(folder.read_link("link"), Some(victim.clone()));
    folder.remove("link").unwrap();
    assert!(folder.names().unwrap().is_empty());
    folder.link(&victim, "link").unwrap();
    folder.link(Path::new("/elsewhere"), "link").unwrap();
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
}

#[test]
fn what_is_not_a_regular_file_is_neither_read_nor_waited_for() {
    let temp = tempfile::tempdir().unwrap();
    let folder = private(&temp);
    nix::unistd::mkfifo(&folder.path().join("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    folder.create_subfolder("folder").unwrap();
    for name in ["fifo", "folder"] {
        assert!(matches!(folder.create_file(name), Err(Error::Foreign { .. })), "{name}");
        assert!(matches!(folder.read(name), Err(Error::Foreign { .. })), "{name}");
    }
    assert!(folder.read("none").unwrap().is_none());
    folder.write("file", "longer").unwrap();
    folder.write("file", "text").unwrap();
    assert_eq!(folder.read("file").unwrap().unwrap(), "text");
}

#[test]
fn a_folder_that_was_removed_or_replaced_is_not_in_place() {
    let temp = tempfile::tempdir().unwrap();
    let folder = private(&temp);
    let first = folder.create_subfolder("sub").unwrap();
    assert!(first.is_in_place());
    folder.remove_subfolder("sub").unwrap();
    assert!(!first.is_in_place());
    let _second = folder.create_subfolder("sub").unwrap();
    let _third = folder.create_file("other").unwrap();
    assert!(!first.is_in_place());
}

#[test]
fn two_locks_exclude_each_other() {
    let temp = tempfile::tempdir().unwrap();
    let folder = private(&temp);
    let lock = folder.lock().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let other = folder.clone();
    let waiting = std::thread::spawn(move || {
        sender.send("waits").unwrap();
        let _lock = other.lock().unwrap();
        sender.send("locked").unwrap();
    });
    assert_eq!(receiver.recv(), Ok("waits"));
    assert!(receiver.try_recv().is_err());
    drop(lock);
    assert_eq!(receiver.recv(), Ok("locked"));
    waiting.join().unwrap();
}
