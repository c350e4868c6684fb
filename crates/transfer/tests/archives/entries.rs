//! Entries that docker does not write.

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_testkit::Project;
use dockerutils_transfer::source::{Error, InvalidContent, Order, Source};
use tar::EntryType;

use crate::sample::{Entry, archive, blobs, changed, folders, read, refused, regular, second};

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

/// `pzstd` begins with a frame to skip.
#[test]
fn an_archive_is_unpacked_whatever_program_has_compressed_it() {
    let archive = archive(&blobs());
    let frame = zstd::bulk::compress(&archive, 3).unwrap();
    let skipped = [&b"\x50\x2A\x4D\x18\x04\0\0\0size"[..], &frame].concat();
    for packed in [archive, frame, skipped] {
        let project = Project::new().file("bundle", packed);
        let source = Source::open_bundle(&project.root().join("bundle"), &Runner::default()).unwrap();
        assert_eq!(source.images().len(), 1);
    }
}

fn open(entries: &[Entry]) -> Result<Source, Error> {
    let project = Project::new().file("bundle", archive(entries));
    Source::open_bundle(&project.root().join("bundle"), &Runner::default())
}

/// Returns the entries of both formats with another `manifest.json`.
fn with_list(change: impl Fn(&str) -> String) -> [Vec<Entry>; 2] {
    changed(|entries| {
        let list = entries.iter_mut().find(|(name, ..)| name == "manifest.json").unwrap();
        list.2 = change(std::str::from_utf8(&list.2).unwrap()).into_bytes();
    })
}

/// The names become lines of the input of a script that also removes tags.
#[test]
fn a_name_that_docker_would_refuse_makes_the_whole_archive_invalid() {
    let named = |name: &str| {
        let tags = serde_json::json!({ "RepoTags": ["x:1", name] }).to_string();
        with_list(|list| list.replace(r#""RepoTags":null"#, tags.trim_matches(['{', '}'])))
    };
    let digest = format!("x@{}", Digest::of("x"));
    for name in
        ["y:1\nuntag x:1", "y:1\n", "y z:1", "--help", "", "Y:1", "<none>:<none>", "y\u{1b}:1", &digest]
    {
        for entries in named(name) {
            let refused = open(&entries);
            assert!(
                matches!(refused, Err(Error::Bundle { invalid: InvalidContent::Name(_), .. })),
                "{name:?}: {refused:?}"
            );
        }
    }
    for entries in named("r.io:5000/y/z:2") {
        assert_eq!(open(&entries).unwrap().images()[0].references, ["x:1", "r.io:5000/y/z:2"]);
    }
}

#[test]
fn an_image_with_thousands_of_names_makes_the_archive_invalid() {
    let names: Vec<String> = (0..1001).map(|number| format!("x:{number}")).collect();
    let tags = serde_json::json!({ "RepoTags": names }).to_string();
    for entries in with_list(|list| list.replace(r#""RepoTags":null"#, tags.trim_matches(['{', '}']))) {
        let refused = open(&entries);
        assert!(
            matches!(refused, Err(Error::Bundle { invalid: InvalidContent::TooManyNames(1000), .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn an_archive_without_images_is_refused() {
    for entries in with_list(|_| "[]".to_owned()) {
        let refused = open(&entries);
        assert!(
            matches!(refused, Err(Error::Bundle { invalid: InvalidContent::NoImage, .. })),
            "{refused:?}"
        );
    }
}
