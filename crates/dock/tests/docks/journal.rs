//! The journal of an attempt to create a dock.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use dockerutils_dock::journal::{Begun, Entry, Fact, Step};
use dockerutils_dock::{Docks, Error, IdleLimit};
use proptest::prelude::*;
use tempfile::TempDir;

fn begun() -> Begun {
    Begun {
        attempt: "k3xabcdefg".parse().unwrap(),
        dock: "gpu-box".parse().unwrap(),
        account: "123456789012".parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        profile: None,
        owner: "ada".parse().unwrap(),
        by: Fact::of("arn:aws:iam::123456789012:user/ada"),
        instance_type: "m7i.large".parse().unwrap(),
        ami: "ami-0a0b0c0d0e0f02404".parse().unwrap(),
        key: Fact::of("dockerutils-ada-0a1b2c3d"),
        identity: Some("/home/ada/.ssh/dock".parse().unwrap()),
        group: Some("dockerutils-gpu-box-k3xabcdefg".parse().unwrap()),
        groups: Vec::new(),
        private: false,
        jump: Some("gate".parse().unwrap()),
        spot: false,
        protect: false,
        disk_size: 100,
        price: None,
        idle: IdleLimit::Never,
        ttl: None,
        user: "ubuntu".parse().unwrap(),
        created: chrono::DateTime::UNIX_EPOCH,
    }
}

fn entries() -> Vec<Entry> {
    let fact = Fact::of;
    vec![
        Entry::Intent { step: Step::SecurityGroup, call: fact("ec2:CreateSecurityGroup"), token: None },
        Entry::Done { step: Step::SecurityGroup, got: fact("sg-0a1b2c3d") },
        Entry::Intent {
            step: Step::Instance,
            call: fact("ec2:RunInstances"),
            token: Some(fact("k3xabcdefg-1a-m7ilarge")),
        },
        Entry::Refused { step: Step::Instance, code: fact("InsufficientInstanceCapacity") },
        Entry::Undone { step: Step::SecurityGroup },
        Entry::Finished {},
    ]
}

/// A home with the journal of an attempt, and its path.
fn written() -> (TempDir, Docks, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    let mut journal = docks.begin_journal(&begun()).unwrap();
    entries().into_iter().for_each(|entry| journal.add(entry).unwrap());
    let path = journal.path().to_owned();
    (home, docks, path)
}

fn open(docks: &Docks) -> Result<Vec<Entry>, Error> {
    let begun = begun();
    docks.open_journal(&begun.dock, &begun.attempt).map(|journal| {
        assert_eq!(journal.attempt().begun, begun);
        journal.attempt().entries.clone()
    })
}

#[test]
fn a_journal_is_read_as_it_was_written_and_is_private() {
    let (home, docks, path) = written();
    assert_eq!(open(&docks).unwrap(), entries());
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&home.path().join(".docker/dock-journal"))), (0o600, 0o700));
}

#[test]
fn the_folder_of_journals_is_made_private_if_it_is_not() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".docker/dock-journal");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let _journal = Docks::of_user(home.path()).begin_journal(&begun()).unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_attempt_is_live_while_its_journal_is_open() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    assert_eq!(docks.unfinished_attempts().unwrap(), []);
    let journal = docks.begin_journal(&begun()).unwrap();
    let is_live = || docks.unfinished_attempts().unwrap()[0].is_live;
    assert!(is_live());
    let error = open(&docks).unwrap_err().to_string();
    assert_eq!(error, "another create-dock is creating `gpu-box` now: wait until it ends");
    drop(journal);
    assert!(!is_live());
    docks.open_journal(&begun().dock, &begun().attempt).unwrap().remove().unwrap();
    assert_eq!(docks.unfinished_attempts().unwrap(), []);
}

#[test]
fn a_line_that_a_kill_has_cut_off_is_ignored_and_removed() {
    let (_home, docks, path) = written();
    let whole = fs::read(&path).unwrap();
    let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    assert_eq!(open(&docks).unwrap(), entries()[..5]);
    assert_eq!(fs::read(&path).unwrap(), whole[..=last_line]);
}

#[test]
fn a_broken_journal_is_an_error_that_names_the_file_and_the_line() {
    let (_home, docks, path) = written();
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to, fault) in [
        ("\"undone\"", "\"unknown\"", "line 6 is not an entry"),
        ("\"is\":\"finished\"", "\"is\":\"finished\",\"more\":1", "line 7 is not an entry"),
        ("sg-0a1b2c3d", "sg-$(reboot)", "line 3 is not an entry"),
        ("gpu-box\"", "../box\"", "line 1 is not an entry"),
        ("\"v\":1", "\"v\":2", "does not begin an attempt in the format of this version"),
        ("gpu-box\"", "other\"", "it describes another attempt"),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&path, whole.replace(from, to)).unwrap();
        let message = open(&docks).unwrap_err().to_string();
        assert!(message.contains(fault) && message.contains("k3xabcdefg.jsonl"), "{message}");
    }
}

#[test]
fn a_link_in_place_of_a_journal_is_not_followed() {
    let (home, docks, path) = written();
    let other = home.path().join("other");
    fs::rename(&path, &other).unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    assert!(open(&docks).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        at in 0..2000_usize, inserted in prop::collection::vec(any::<u8>(), 0..40), cut in 0..40_usize,
    ) {
        let (_home, docks, path) = written();
        let mut bytes = fs::read(&path).unwrap();
        let at = at.min(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, inserted);
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = docks.open_journal(&begun().dock, &begun().attempt) {
            prop_assert!(error.to_string().chars().all(|c| !c.is_control()));
        }
    }
}
