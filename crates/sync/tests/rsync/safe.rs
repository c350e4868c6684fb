//! What comes down cannot harm, and what cannot be read does not keep the rest.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use dockerutils_command::Runner;

use crate::dock::{Dock, SHELL, read, shell, write};

#[test]
fn git_goes_up_and_never_comes_down() {
    let dock = Dock::synced();
    write(dock.local(), ".git/config", "[core]", 0);
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), ".git/config").as_deref(), Some("[core]"));
    for name in [
        ".git/config",
        ".git/hooks/pre-commit",
        "sub/.git",
        "new/.GIT/hooks/x",
        ".hg/hgrc",
        "new/.jj/repo/config.toml",
        ".svn/wc.db",
        ".bzr/branch/branch.conf",
    ] {
        write(&dock.remote(), name, "evil", 5);
    }
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec![]));
    assert_eq!(read(dock.local(), ".git/config").as_deref(), Some("[core]"));
    assert!(!dock.local().join("new").exists() && !dock.local().join(".hg").exists());
}

#[test]
fn dangerous_modes_do_not_come_down() {
    let dock = Dock::synced();
    write(&dock.remote(), "new/tool", "x", 5);
    write(&dock.remote(), "a", "new", 5);
    for (name, mode) in [("new/tool", 0o6777), ("a", 0o4777), ("new", 0o2777)] {
        fs::set_permissions(dock.remote().join(name), Permissions::from_mode(mode)).expect("a mode");
    }
    assert_eq!(dock.down(false).expect("a sync").0.len(), 2);
    for name in ["new/tool", "a", "new"] {
        let mode = fs::metadata(dock.local().join(name)).expect("a file").permissions().mode();
        assert_eq!((mode & 0o6022, mode & 0o100), (0, 0o100), "{name} {mode:o}");
    }
}

#[test]
fn what_runs_by_itself_is_named() {
    let dock = Dock::synced();
    for name in [
        "docker/dockerutils.cfg",
        ".envrc",
        "sub/.vscode/tasks.json",
        "plain",
        "docker/dev/Dockerfile",
        "bare/HEAD",
        "bare/config",
        "bare/hooks/update",
        "other/config",
        "other/hooks/update",
        "sub/sitecustomize.py",
        ".cargo/config.toml",
    ] {
        write(&dock.remote(), name, "there", 5);
    }
    symlink("/etc/passwd", dock.remote().join("out")).expect("a link");
    symlink("../../x", dock.remote().join("sub/up")).expect("a link");
    symlink("../plain", dock.remote().join("sub/in")).expect("a link");
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    dock.sync.down(&mut plan, None, &Runner::new(false)).expect("a sync");
    let mut risky = plan.risky();
    risky.sort();
    let expected = [
        ".cargo/config.toml",
        ".envrc",
        "bare/config",
        "bare/hooks/update",
        "docker/dockerutils.cfg",
        "out",
        "sub/.vscode/tasks.json",
        "sub/sitecustomize.py",
        "sub/up",
    ];
    assert_eq!(risky, expected.map(PathBuf::from));
}

#[test]
fn the_file_that_a_build_makes_from_a_template_is_not_sent() {
    let dock = Dock::synced();
    for name in ["pip.conf", "pip.conf.template", "sub/pip.conf"] {
        write(dock.local(), name, "x", 0);
    }
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), "pip.conf"), None);
    assert!(
        read(&dock.remote(), "pip.conf.template").is_some() && read(&dock.remote(), "sub/pip.conf").is_some()
    );
}

#[test]
fn the_file_that_a_build_has_left_behind_is_not_sent() {
    let dock = Dock::synced();
    let mark = "# A copy of pip.conf.template that dockerutils removes after the build.\n";
    write(dock.local(), "pip.conf", &format!("{mark}secret"), 0);
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), "pip.conf"), None);
    write(dock.local(), "pip.conf", "[global]\n", 5);
    dock.up(false).expect("a sync");
    assert!(read(&dock.remote(), "pip.conf").is_some());
}

/// A folder stands in the way of a file; the stand-in for the dock's rsync fails as after a file that cannot be written.
#[test]
fn what_can_be_written_is_sent_deleted_and_counted() {
    let mut dock = Dock::synced();
    write(dock.local(), "gone", "old", 0);
    dock.up(false).expect("a sync");
    fs::remove_file(dock.local().join("gone")).expect("a file");
    write(dock.local(), "a", "here", 5);
    write(dock.local(), "sub", "here", 5);
    write(dock.local(), "both", "here", 5);
    write(&dock.remote(), "both", "there", 6);
    // Each connection fails in the end, that of the deletion included; the folder `sub` appears after the comparison.
    let (count, sub) = (dock.temp().join("count"), dock.remote().join("sub"));
    let failing = format!(
        "[ ! -e {count:?} ] || mkdir -p {sub:?}; touch {sub:?}/x 2>/dev/null; touch {count:?}; ({SHELL}); exit 23"
    );
    dock.sync.target.ssh = shell(&failing);
    let plan = dock.up(true).expect("a sync");
    assert!(!plan.is_complete);
    assert_eq!((plan.sent.as_slice(), plan.bytes), (&[PathBuf::from("a")][..], 4));
    assert_eq!(plan.deleted, [PathBuf::from("gone")]);
    assert_eq!(plan.conflicts, [PathBuf::from("both")]);
    drop(plan);
    assert_eq!(read(&dock.remote(), "a").as_deref(), Some("here"));
    assert_eq!(read(&dock.remote(), "gone"), None);
    assert!(dock.remote().join("sub/x").exists());
}

/// The file is removed when rsync connects for the second time: after the comparison.
#[test]
fn a_file_that_vanishes_here_is_not_counted_as_sent() {
    let mut dock = Dock::synced();
    write(dock.local(), "stays", "1", 5);
    write(dock.local(), "vanishes", "22", 5);
    let (count, file) = (dock.temp().join("count"), dock.local().join("vanishes"));
    let removing = format!("[ ! -e {count:?} ] || rm -f {file:?}; touch {count:?}; {SHELL}");
    dock.sync.target.ssh = shell(&removing);
    let plan = dock.up(false).expect("a sync");
    assert_eq!((plan.sent.as_slice(), plan.bytes), (&[PathBuf::from("stays")][..], 1));
    assert_eq!(read(&dock.remote(), "vanishes"), None);
}

/// The stand-in for the dock's rsync lists and sends everything, and then fails as after an unreadable folder.
#[test]
fn what_can_be_read_is_fetched() {
    let mut dock = Dock::synced();
    write(&dock.remote(), "new", "there", 5);
    write(dock.local(), "mine", "here", 5);
    let failing = format!("({SHELL}); exit 23");
    let ssh = std::mem::replace(&mut dock.sync.target.ssh, shell(&failing));
    let mut plan = dock.sync.plan_down(false, &Runner::new(false)).expect("a plan");
    dock.sync.down(&mut plan, None, &Runner::new(false)).expect("a sync");
    assert_eq!((plan.fetched.as_slice(), plan.is_complete), (&[PathBuf::from("new")][..], false));
    drop(plan);
    dock.sync.target.ssh = ssh;
    assert_eq!(read(dock.local(), "new").as_deref(), Some("there"));
    assert_eq!(dock.down(false).expect("a sync"), (vec![], vec![]));
}
