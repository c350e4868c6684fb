//! The version file: the built one takes its place on the dock, and never comes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::cases::paths;
use crate::dock::{Dock, read, write};

/// A project whose package asks git for its version.
fn versioned() -> Dock {
    let mut dock = Dock::new();
    write(dock.here(), "src/pkg/_version.py", "ask git", 0);
    write(dock.here(), "src/pkg/main.py", "main", 0);
    dock.sync.version_file = Some("src/pkg/_version.py".into());
    dock
}

#[test]
fn the_built_one_takes_its_place() {
    let dock = versioned();
    fs::set_permissions(dock.here().join("src"), fs::Permissions::from_mode(0o751)).expect("a mode");
    write(dock.here(), "_version.py.bld", "1.0", 1);
    for (version, second) in [("1.0", 1), ("2.0", 2)] {
        write(dock.here(), "_version.py.bld", version, second);
        dock.up(true).expect("a sync");
        assert_eq!(read(&dock.there(), "src/pkg/_version.py").as_deref(), Some(version));
        assert_eq!(read(&dock.there(), "_version.py.bld").as_deref(), Some(version));
        assert_eq!(read(dock.here(), "src/pkg/_version.py").as_deref(), Some("ask git"));
    }
    assert_eq!(paths(&dock.there()), paths(dock.here()));
    let mode = fs::metadata(dock.there().join("src")).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o751);
}

#[test]
fn it_never_comes_back() {
    let dock = versioned();
    write(dock.here(), "_version.py.bld", "1.0", 1);
    dock.up(false).expect("a sync");
    write(&dock.there(), "src/pkg/_version.py", "changed there", 2);
    write(&dock.there(), "src/pkg/main.py", "changed there", 2);
    let (comes, conflicts) = dock.down(true).expect("a sync");
    assert_eq!((comes, conflicts), (vec!["src/pkg/main.py".into()], vec![]));
    assert_eq!(read(dock.here(), "src/pkg/_version.py").as_deref(), Some("ask git"));
}

/// What is here now does not tell what was sent: the built one may be gone, or both.
#[test]
fn it_never_comes_back_though_nothing_is_built_here() {
    let dock = versioned();
    write(dock.here(), "_version.py.bld", "1.0", 1);
    dock.up(false).expect("a sync");
    fs::remove_file(dock.here().join("_version.py.bld")).expect("a file");
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec![]));
    assert_eq!(read(dock.here(), "src/pkg/_version.py").as_deref(), Some("ask git"));
    fs::remove_file(dock.here().join("src/pkg/_version.py")).expect("a file");
    write(&dock.there(), "src/pkg/_version.py", "changed there", 2);
    assert_eq!(dock.down(true).expect("a sync"), (vec![], vec![]));
    assert_eq!(read(dock.here(), "src/pkg/_version.py"), None);
}

#[test]
fn without_a_built_one_it_is_a_file_like_any_other() {
    let dock = versioned();
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.there(), "src/pkg/_version.py").as_deref(), Some("ask git"));
}

#[test]
fn a_setting_that_leads_out_of_the_project_is_none() {
    let mut dock = versioned();
    write(dock.here(), "_version.py.bld", "1.0", 1);
    write(dock.temp(), "here/outside.py", "outside", 0);
    dock.sync.version_file = Some("../outside.py".into());
    dock.up(false).expect("a sync");
    assert_eq!(read(&dock.there(), "../outside.py"), None);
}
