//! The temporary `pip.conf`: its mode, what was left behind, several builds, and templates that are not files.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use dockerutils_project::PipConf;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

/// A project whose template has this text and mode.
fn project(text: &str, mode: u32) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let template = root.path().join("pip.conf.template");
    fs::write(&template, text).unwrap();
    fs::set_permissions(&template, Permissions::from_mode(mode)).unwrap();
    root
}

fn hold(root: &Path) -> PipConf {
    PipConf::from_template(root).unwrap().expect("a pip.conf")
}

/// The text of pip.conf without the line that marks it; `None` if there is no file.
fn text(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join("pip.conf")).ok()?;
    let (mark, text) = text.split_once('\n').unwrap();
    assert_eq!(mark, "# A copy of pip.conf.template that dockerutils removes after the build.");
    Some(text.to_owned())
}

/// Leaves a pip.conf as a process that is killed does.
fn leave(root: &Path) {
    let guard = hold(root);
    let bytes = fs::read(root.join("pip.conf")).unwrap();
    drop(guard);
    fs::write(root.join("pip.conf"), bytes).unwrap();
}

#[test]
fn pip_conf_exists_as_long_as_the_guard_with_the_templates_mode() {
    for mode in [0o600, 0o400, 0o644, 0o666] {
        let root = project("[global]\n", mode);
        let guard = hold(root.path());
        assert_eq!(text(root.path()).as_deref(), Some("[global]\n"));
        let written = fs::metadata(root.path().join("pip.conf")).unwrap().permissions().mode();
        assert_eq!(written & 0o7777, mode);
        drop(guard);
        assert_eq!(text(root.path()), None);
    }
}

#[test]
fn the_users_own_pip_conf_is_not_touched() {
    for own in ["mine", "", "# A copy of pip.conf.template\n"] {
        let root = project("[global]\n", 0o600);
        fs::write(root.path().join("pip.conf"), own).unwrap();
        assert!(PipConf::from_template(root.path()).unwrap().is_none());
        assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), own);
    }
}

#[test]
fn a_link_in_the_place_of_pip_conf_is_not_followed() {
    let root = project("secret\n", 0o600);
    let target = root.path().join("target");
    symlink(&target, root.path().join("pip.conf")).unwrap();
    assert!(PipConf::from_template(root.path()).unwrap().is_none());
    assert!(!target.exists());
    fs::write(&target, "theirs").unwrap();
    assert!(PipConf::from_template(root.path()).unwrap().is_none());
    assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
}

#[test]
fn a_file_that_was_left_behind_gets_the_new_password_and_is_removed() {
    let root = project("old\n", 0o600);
    leave(root.path());
    fs::write(root.path().join("pip.conf.template"), "new\n").unwrap();
    let guard = hold(root.path());
    assert_eq!(text(root.path()).as_deref(), Some("new\n"));
    drop(guard);
    assert_eq!(text(root.path()), None);
}

#[test]
fn a_file_that_was_left_behind_unchanged_is_removed_too() {
    let root = project("same\n", 0o600);
    leave(root.path());
    drop(hold(root.path()));
    assert_eq!(text(root.path()), None);
}

#[test]
fn a_file_that_was_left_behind_is_removed_when_the_template_is_gone() {
    let root = project("old\n", 0o600);
    leave(root.path());
    fs::remove_file(root.path().join("pip.conf.template")).unwrap();
    assert!(PipConf::is_wanted(root.path()));
    assert!(PipConf::from_template(root.path()).unwrap().is_none());
    assert_eq!(text(root.path()), None);
    assert!(!PipConf::is_wanted(root.path()));
}

#[test]
fn a_file_that_was_left_behind_is_removed_for_a_build_that_gets_a_secret() {
    let root = project("old\n", 0o600);
    leave(root.path());
    PipConf::remove_left_behind(root.path()).unwrap();
    assert_eq!(text(root.path()), None);
    let held = hold(root.path());
    PipConf::remove_left_behind(root.path()).unwrap();
    assert_eq!(text(root.path()).as_deref(), Some("old\n"));
    drop(held);
    fs::write(root.path().join("pip.conf"), "mine").unwrap();
    PipConf::remove_left_behind(root.path()).unwrap();
    assert_eq!(fs::read_to_string(root.path().join("pip.conf")).unwrap(), "mine");
}

#[test]
fn the_last_of_several_builds_removes_the_file() {
    let root = project("[global]\n", 0o600);
    let (first, second, third) = (hold(root.path()), hold(root.path()), hold(root.path()));
    drop(first);
    assert_eq!(text(root.path()).as_deref(), Some("[global]\n"));
    drop(third);
    assert_eq!(text(root.path()).as_deref(), Some("[global]\n"));
    drop(second);
    assert_eq!(text(root.path()), None);
}

#[test]
fn a_build_that_starts_after_the_template_was_changed_gets_the_new_text() {
    let root = project("old\n", 0o600);
    let first = hold(root.path());
    fs::write(root.path().join("pip.conf.template"), "new\n").unwrap();
    let second = hold(root.path());
    assert_eq!(text(root.path()).as_deref(), Some("new\n"));
    drop(first);
    assert_eq!(text(root.path()).as_deref(), Some("new\n"));
    drop(second);
    assert_eq!(text(root.path()), None);
}

#[test]
fn a_template_that_is_not_a_regular_file_is_refused_at_once() {
    let root = tempfile::tempdir().unwrap();
    let template = root.path().join("pip.conf.template");
    symlink("/dev/zero", &template).unwrap();
    let refused = || PipConf::from_template(root.path()).unwrap_err().to_string();
    assert_eq!(refused(), format!("{}: it is a device, and not a regular file", template.display()));
    fs::remove_file(&template).unwrap();
    mkfifo(&template, Mode::S_IRWXU).unwrap();
    assert_eq!(refused(), format!("{}: it is a FIFO, and not a regular file", template.display()));
    fs::remove_file(&template).unwrap();
    symlink("gone", &template).unwrap();
    let dangling = "it is a symbolic link to a file that does not exist";
    assert_eq!(refused(), format!("{}: {dangling}", template.display()));
}
