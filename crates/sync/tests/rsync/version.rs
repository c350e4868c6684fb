//! On the dock the built version takes the place of the version file, which is never fetched.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use dockerutils_sync::VersionFile;

use crate::cases::paths;
use crate::dock::{Dock, read, write};

fn version_file(source: &str) -> VersionFile {
    VersionFile { source: source.into(), built: "_version.py.bld".into() }
}

/// Returns a dock with a project whose package computes its version from git.
fn versioned() -> Dock {
    let mut dock = Dock::new();
    write(dock.local(), "src/pkg/_version.py", "run git", 0);
    write(dock.local(), "src/pkg/main.py", "main", 0);
    dock.sync.version_file = Some(version_file("src/pkg/_version.py"));
    dock
}

#[test]
fn the_built_version_takes_the_place_of_the_version_file() {
    let dock = versioned();
    fs::set_permissions(dock.local().join("src"), fs::Permissions::from_mode(0o751)).expect("a mode");
    write(dock.local(), "_version.py.bld", "1.0", 1);
    for (version, second) in [("1.0", 1), ("2.0", 2)] {
        write(dock.local(), "_version.py.bld", version, second);
        dock.up(true).expect("a sync");
        assert_eq!(read(&dock.remote(), "src/pkg/_version.py").as_deref(), Some(version));
        assert_eq!(read(&dock.remote(), "_version.py.bld").as_deref(), Some(version));
        assert_eq!(read(dock.local(), "src/pkg/_version.py").as_deref(), Some("run git"));
    }
    assert_eq!(paths(&dock.remote()), paths(dock.local()));
    let mode = fs::metadata(dock.remote().join("src")).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o751);
}

#[test]
fn the_version_file_is_never_fetched() {
    let dock = versioned();
    write(dock.local(), "_version.py.bld", "1.0", 1);
    dock.up(false).expect("a sync");
    write(&dock.remote(), "src/pkg/_version.py", "changed there", 2);
    write(&dock.remote(), "src/pkg/main.py", "changed there", 2);
    let (fetched, conflicts) = dock.down(true).expect("a sync");
    assert_eq!((fetched, conflicts), (vec!["src/pkg/main.py".into()], vec![]));
    assert_eq!(read(dock.local(), "src/pkg/_version.py").as_deref(), Some("run git"));
}

/// The local files do not show what was sent: the built version may be gone since, or both files.
#[test]
fn the_version_file_is_not_fetched_without_a_built_version() {
    let dock = versioned();
    write(dock.local(), "_version.py.bld", "1.0", 1);
    dock.up(false).expect("a sync");
    fs::remove_file(dock.local().join("_version.py.bld")).expect("a file");
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec![]));
    assert_eq!(read(dock.local(), "src/pkg/_version.py").as_deref(), Some("run git"));
    fs::remove_file(dock.local().join("src/pkg/_version.py")).expect("a file");
    write(&dock.remote(), "src/pkg/_version.py", "changed there", 2);
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec![]));
    assert_eq!(read(dock.local(), "src/pkg/_version.py"), None);
}

#[test]
fn without_a_built_version_the_version_file_is_sent_unchanged() {
    let dock = versioned();
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), "src/pkg/_version.py").as_deref(), Some("run git"));
}

#[test]
fn a_setting_that_leads_out_of_the_project_is_ignored() {
    let mut dock = versioned();
    write(dock.local(), "_version.py.bld", "1.0", 1);
    write(dock.temp(), "local/outside.py", "outside", 0);
    dock.sync.version_file = Some(version_file("../outside.py"));
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.remote(), "../outside.py"), None);
}
