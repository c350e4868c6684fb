//! The line of ~/.ssh/config that includes the docks.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use dockerutils_dock::Inclusion;

use crate::{Home, dock};

const HEAD: &str =
    "# The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/dockerutils.ssh_config\n\n";

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

#[test]
fn a_missing_configuration_is_created() {
    let home = Home::new();
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Added);
    let config = home.path().join(".ssh/config");
    assert_eq!(fs::read_to_string(&config).unwrap(), HEAD);
    assert_eq!((mode(&config), mode(home.path().join(".ssh"))), (0o600, 0o700));
    assert!(!home.path().join(".ssh/config.dockerutils-backup").exists());
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Present);
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
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Added);
    assert_eq!(fs::read(&config).unwrap(), [HEAD.as_bytes(), &before].concat());
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!((mode(&config), mode(&backup)), (0o640, 0o640));
    fs::remove_file(&backup).unwrap();
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Present);
    assert!(!backup.exists());
}

/// Writes `~/.ssh/config`.
fn configure(home: &Home, text: &str) {
    fs::create_dir_all(home.path().join(".ssh")).unwrap();
    fs::write(home.path().join(".ssh/config"), text).unwrap();
}

fn config(home: &Home) -> String {
    fs::read_to_string(home.path().join(".ssh/config")).unwrap()
}

#[test]
fn a_line_that_counts_for_every_host_is_enough() {
    for own in [
        "include ~/.docker/dockerutils.ssh_config  \r\nHost a\n",
        "Include conf.d/* ~/.docker/dockerutils.ssh_config\n",
        "Include=\"~/.docker/dockerutils.ssh_config\"\n",
        "Include ~/.docker/dockerutils.ssh_config # mine\n",
        "Host a\n  User b\nMatch all\nInclude ~/.docker/dockerutils.ssh_config\n",
        "Host *\n  Include ~/.docker/dockerutils.ssh_config\n",
    ] {
        let home = Home::new();
        configure(&home, own);
        assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Present, "{own}");
        assert_eq!(config(&home), own);
    }
}

#[test]
fn a_line_that_counts_for_some_hosts_is_not_enough() {
    for own in [
        "Host a\n\n  Include ~/.docker/dockerutils.ssh_config\n",
        "Match user me\nInclude ~/.docker/dockerutils.ssh_config\n",
        "# Include ~/.docker/dockerutils.ssh_config\n",
        "Host a\nHost b *\nInclude ~/.docker/dockerutils.ssh_config\n",
    ] {
        let home = Home::new();
        configure(&home, own);
        assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Added, "{own}");
        assert_eq!(config(&home), format!("{HEAD}{own}"));
    }
}

#[test]
fn the_line_of_earlier_versions_is_replaced_and_their_files_are_removed() {
    const OLD: &str = "# The docks of dockerutils, for `ssh MONIKER`\nInclude ~/.docker/*/ssh_config\n\n";
    for (before, after) in [
        (format!("{OLD}Host a\n"), format!("{HEAD}Host a\n")),
        ("Host a\n  include ~/.docker/*/ssh_config\n".to_owned(), format!("{HEAD}Host a\n")),
        (format!("{OLD}{HEAD}Host a\n"), HEAD.split_once('\n').unwrap().1.to_owned() + "Host a\n"),
    ] {
        let home = Home::new();
        home.docks.register(&dock("10.0.0.1", "gpu")).unwrap();
        let old_file = home.path().join(".docker/10.0.0.1/ssh_config");
        fs::write(&old_file, "Host gpu\n").unwrap();
        configure(&home, &before);
        assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Replaced, "{before}");
        assert_eq!(config(&home), after);
        assert!(!old_file.exists());
        assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Present, "{before}");
    }
}

#[test]
fn a_configuration_that_cannot_be_changed_is_left_without_a_backup() {
    let read_only = Home::new();
    configure(&read_only, "Host a\n");
    fs::set_permissions(read_only.path().join(".ssh/config"), fs::Permissions::from_mode(0o444)).unwrap();
    let dangling = Home::new();
    fs::create_dir(dangling.path().join(".ssh")).unwrap();
    symlink("/nonexistent/store/ssh_config", dangling.path().join(".ssh/config")).unwrap();
    for home in [read_only, dangling] {
        let error = home.docks.include_in_ssh_config().unwrap_err().to_string();
        assert!(error.contains(".ssh/config cannot be changed: "), "{error}");
        let names: Vec<_> =
            fs::read_dir(home.path().join(".ssh")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["config"]);
    }
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
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Added);
    assert!(ssh.join("config").is_symlink() && dotfiles.join("link").is_symlink());
    assert_eq!(fs::read_to_string(dotfiles.join("ssh_config")).unwrap(), format!("{HEAD}Host a\n"));
    assert_eq!(fs::read_to_string(ssh.join("config.dockerutils-backup")).unwrap(), "Host a\n");
}

#[test]
fn a_link_to_a_missing_file_creates_the_file() {
    let home = Home::new();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    symlink("../ssh_config", home.path().join(".ssh/config")).unwrap();
    assert_eq!(home.docks.include_in_ssh_config().unwrap(), Inclusion::Added);
    assert!(home.path().join(".ssh/config").is_symlink());
    assert_eq!(fs::read_to_string(home.path().join("ssh_config")).unwrap(), HEAD);
}

#[test]
fn the_line_is_added_once_by_many_commands_at_a_time() {
    let home = Home::new();
    let added = std::thread::scope(|scope| {
        let adding: Vec<_> =
            (0..8).map(|_| scope.spawn(|| home.docks.include_in_ssh_config().unwrap())).collect();
        adding.into_iter().map(|one| one.join().unwrap()).filter(|added| *added == Inclusion::Added).count()
    });
    assert_eq!(added, 1);
    assert_eq!(fs::read_to_string(home.path().join(".ssh/config")).unwrap(), HEAD);
}
