//! What goes with the last dock: our lines in ~/.ssh/config, and the file for hosts that are not docks.

use std::fs;
use std::os::unix::fs::symlink;

use dockerutils_command::Runner;

use crate::{Home, dock};

const HEAD: &str =
    "# The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/dockerutils.ssh_config\n";

fn config(home: &Home) -> String {
    fs::read_to_string(home.path().join(".ssh/config")).unwrap()
}

#[test]
fn our_lines_go_with_the_last_dock_and_nothing_else_changes() {
    for before in ["", "Host a\n  User b\n", "\n\nHost *\n", "# The docks of dockerutils\nHost a"] {
        let home = Home::new();
        fs::create_dir(home.path().join(".ssh")).unwrap();
        fs::write(home.path().join(".ssh/config"), before).unwrap();
        for (address, moniker) in [("192.0.2.1", "one"), ("192.0.2.2", "two")] {
            home.docks.register(&dock(address, moniker)).unwrap();
        }
        home.docks.include_in_ssh_config().unwrap();
        home.docks.unregister("one").unwrap();
        assert!(!home.docks.exclude_from_ssh_config().unwrap(), "a dock is left");
        assert_eq!(config(&home), format!("{HEAD}\n{before}"));
        home.docks.unregister("two").unwrap();
        assert!(home.docks.exclude_from_ssh_config().unwrap());
        assert_eq!(config(&home), before);
        assert!(!home.docks.exclude_from_ssh_config().unwrap(), "twice");
    }
}

#[test]
fn lines_that_the_user_has_written_stay() {
    for own in [
        "Include ~/.docker/dockerutils.ssh_config\n",
        "# The docks of dockerutils, for `ssh MONIKER`\n\nInclude ~/.docker/dockerutils.ssh_config\n",
        "# The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/dockerutils.ssh_config work\n",
        "## The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/dockerutils.ssh_config\n",
    ] {
        let home = Home::new();
        fs::create_dir(home.path().join(".ssh")).unwrap();
        fs::write(home.path().join(".ssh/config"), own).unwrap();
        assert!(!home.docks.exclude_from_ssh_config().unwrap(), "{own}");
        assert_eq!(config(&home), own);
    }
    let home = Home::new();
    assert!(!home.docks.exclude_from_ssh_config().unwrap());
    assert!(!home.path().join(".ssh").exists());
}

#[test]
fn our_lines_go_also_where_the_user_has_moved_them_and_through_a_link() {
    let home = Home::new();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let (first, last) = ("Host a\n  User b\n\n", "Host c\n");
    fs::write(home.path().join("dotfile"), format!("{first}{HEAD}{last}")).unwrap();
    symlink(home.path().join("dotfile"), home.path().join(".ssh/config")).unwrap();
    assert!(home.docks.exclude_from_ssh_config().unwrap());
    assert_eq!(config(&home), format!("{first}{last}"));
    assert!(home.path().join(".ssh/config").is_symlink());
}

#[test]
fn the_file_for_other_hosts_goes_with_the_last_dock() {
    let home = Home::new();
    let file = home.path().join(".docker/dockerutils.ssh");
    for (address, moniker) in [("192.0.2.1", "one"), ("192.0.2.2", "two")] {
        home.docks.register(&dock(address, moniker)).unwrap();
    }
    let _ = home.docks.ssh_to_other_host(&Runner::new(false));
    home.docks.unregister("one").unwrap();
    assert!(file.exists());
    home.docks.unregister("two").unwrap();
    assert!(!file.exists());
}
