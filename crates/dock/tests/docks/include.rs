//! The line of ~/.ssh/config that includes the docks.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::Home;

const HEAD: &str = "# The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/*/ssh_config\n\n";

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

#[test]
fn a_missing_configuration_is_created() {
    let home = Home::new();
    assert!(home.docks.include_in_ssh_config().unwrap());
    let config = home.path().join(".ssh/config");
    assert_eq!(fs::read_to_string(&config).unwrap(), HEAD);
    assert_eq!((mode(&config), mode(home.path().join(".ssh"))), (0o600, 0o700));
    assert!(!home.path().join(".ssh/config.dockerutils-backup").exists());
    assert!(!home.docks.include_in_ssh_config().unwrap());
    assert_eq!(fs::read_to_string(&config).unwrap(), HEAD);
}

#[test]
fn the_line_is_added_at_the_top_once_and_the_file_is_backed_up() {
    let home = Home::new();
    let (config, backup) =
        (home.path().join(".ssh/config"), home.path().join(".ssh/config.dockerutils-backup"));
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let before = b"Host *\n  User me # \xff".to_vec();
    fs::write(&config, &before).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(home.docks.include_in_ssh_config().unwrap());
    assert_eq!(fs::read(&config).unwrap(), [HEAD.as_bytes(), &before].concat());
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!((mode(&config), mode(&backup)), (0o640, 0o640));
    fs::remove_file(&backup).unwrap();
    assert!(!home.docks.include_in_ssh_config().unwrap());
    assert!(!backup.exists());
}

#[test]
fn a_line_that_the_user_wrote_is_enough() {
    let home = Home::new();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let own = "Host a\n\n  include ~/.docker/*/ssh_config  \r\n";
    fs::write(home.path().join(".ssh/config"), own).unwrap();
    assert!(!home.docks.include_in_ssh_config().unwrap());
    assert_eq!(fs::read_to_string(home.path().join(".ssh/config")).unwrap(), own);
}

#[test]
fn a_link_stays_a_link() {
    let home = Home::new();
    let (ssh, dotfiles) = (home.path().join(".ssh"), home.path().join("dotfiles"));
    fs::create_dir(&ssh).unwrap();
    fs::create_dir(&dotfiles).unwrap();
    symlink("../dotfiles/link", ssh.join("config")).unwrap();
    symlink("ssh_config", dotfiles.join("link")).unwrap();
    fs::write(dotfiles.join("ssh_config"), "Host a\n").unwrap();
    assert!(home.docks.include_in_ssh_config().unwrap());
    assert!(ssh.join("config").is_symlink() && dotfiles.join("link").is_symlink());
    assert_eq!(fs::read_to_string(dotfiles.join("ssh_config")).unwrap(), format!("{HEAD}Host a\n"));
    assert_eq!(fs::read_to_string(ssh.join("config.dockerutils-backup")).unwrap(), "Host a\n");
}

#[test]
fn a_link_to_a_missing_file_creates_the_file() {
    let home = Home::new();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    symlink("../ssh_config", home.path().join(".ssh/config")).unwrap();
    assert!(home.docks.include_in_ssh_config().unwrap());
    assert!(home.path().join(".ssh/config").is_symlink());
    assert_eq!(fs::read_to_string(home.path().join("ssh_config")).unwrap(), HEAD);
}

#[test]
fn the_line_is_added_once_by_many_commands_at_a_time() {
    let home = Home::new();
    let added = std::thread::scope(|scope| {
        let adding: Vec<_> =
            (0..8).map(|_| scope.spawn(|| home.docks.include_in_ssh_config().unwrap())).collect();
        adding.into_iter().map(|one| one.join().unwrap()).filter(|added| *added).count()
    });
    assert_eq!(added, 1);
    assert_eq!(fs::read_to_string(home.path().join(".ssh/config")).unwrap(), HEAD);
}
