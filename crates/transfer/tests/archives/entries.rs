//! Entries that docker does not write.

use dockerutils_oci::Digest;
use dockerutils_transfer::source::{Error, InvalidContent, Order};
use tar::EntryType;

use crate::sample::{archive, blobs, changed, folders, read, refused, regular, second};

#[test]
fn a_name_that_docker_does_not_use_is_refused() {
    let hex = Digest::of("x").hex();
    for name in [
        "../etc/passwd".to_owned(),
        "/manifest.json".to_owned(),
        "./manifest.json".to_owned(),
        format!("blobs/sha256/../{hex}"),
        format!("blobs/sha256/{}", hex.to_uppercase()),
        format!("blobs/sha256/{hex}x"),
        format!("blobs/sha512/{hex}"),
        format!("{hex}/../json"),
        format!("{hex}/layer.tar.gz"),
        "x".to_owned(),
    ] {
        for entries in changed(|entries| entries.push(regular(name.clone(), "x"))) {
            assert!(matches!(refused(&entries), InvalidContent::UnexpectedEntry(shown) if shown == name));
        }
    }
}

#[test]
fn a_name_is_shown_without_control_characters() {
    for entries in changed(|entries| entries.push(regular("\u{1b}[31m", "x"))) {
        assert!(!refused(&entries).to_string().contains('\u{1b}'));
    }
}

#[test]
fn an_entry_of_another_type_than_its_name_implies_is_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::Block,
        EntryType::new(b'?'),
    ] {
        for entries in changed(|entries| second(entries).1 = kind) {
            let invalid = refused(&entries);
            assert!(
                matches!(
                    invalid,
                    InvalidContent::WrongEntryType(_)
                        | InvalidContent::InvalidLink(_)
                        | InvalidContent::Unreadable(_)
                ),
                "{invalid:?}"
            );
        }
    }
    for entries in changed(|entries| entries[0].1 = EntryType::Regular) {
        assert!(matches!(refused(&entries), InvalidContent::WrongEntryType(_)));
    }
}

#[test]
fn a_link_that_does_not_lead_to_the_right_layer_is_refused() {
    let hex = Digest::of([1]).hex();
    for target in [
        "/etc/passwd".to_owned(),
        "../../etc/passwd".to_owned(),
        format!("../{hex}/json"),
        format!("../../{hex}/layer.tar"),
        format!("../{hex}/../{hex}/layer.tar"),
        format!("{hex}/layer.tar"),
    ] {
        let mut entries = folders();
        let link = entries.iter_mut().find(|entry| entry.1 == EntryType::Symlink).unwrap();
        link.2 = target.clone().into_bytes();
        assert!(matches!(refused(&entries), InvalidContent::InvalidLink(_)), "{target}");
    }
    // A link to another layer of the image.
    let mut entries = folders();
    let link = entries.iter_mut().find(|entry| entry.1 == EntryType::Symlink).unwrap();
    link.2 = format!("../{}/layer.tar", Digest::of([0]).hex()).into_bytes();
    assert!(matches!(refused(&entries), InvalidContent::Layers(_)));
}

#[test]
fn a_second_entry_of_the_same_name_is_refused() {
    for index in 0..blobs().len() {
        let mut entries = blobs();
        entries.push(entries[index].clone());
        assert!(matches!(refused(&entries), InvalidContent::DuplicateEntry(_)));
    }
}

/// Otherwise the tar crate would keep a name of any length in memory.
#[test]
fn endless_headers_are_refused() {
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        for entries in changed(|entries| entries.insert(0, ("x".to_owned(), kind, vec![b'x'; 1 << 20]))) {
            let invalid = refused(&entries);
            assert!(invalid.to_string().contains("do not end"), "{kind:?} {invalid:?}");
        }
    }
}

#[test]
fn only_zeros_may_follow_the_archive() {
    for entries in changed(|_| ()) {
        let mut bytes = archive(&entries);
        bytes.extend([0; 4096]);
        assert!(read(&bytes, Order::Any).is_ok());
        bytes.extend(b"more");
        assert!(matches!(read(&bytes, Order::Any), Err(Error::Archive(InvalidContent::UnexpectedEntry(_)))));
    }
}
