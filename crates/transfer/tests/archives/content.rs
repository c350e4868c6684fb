//! Content that is wrong, missing or cut off.

use dockerutils_oci::Digest;
use dockerutils_transfer::source::{Error, InvalidContent, Order};

use crate::sample::{LAYERS, archive, blobs, changed, folders, read, refused, second};

#[test]
fn content_with_another_digest_than_its_name_is_refused() {
    let mut entries = blobs();
    second(&mut entries).2[3] ^= 1;
    let expected = Digest::of(LAYERS[1]);
    assert!(matches!(refused(&entries), InvalidContent::Digest { expected: named, .. } if named == expected));
    // In the old format it is then a layer of another image, and this one lacks it.
    let mut entries = folders();
    second(&mut entries).2[3] ^= 1;
    assert!(matches!(refused(&entries), InvalidContent::Layers(_)));
}

#[test]
fn a_missing_entry_is_named() {
    for index in 0..blobs().len() {
        let mut entries = blobs();
        let (name, ..) = entries.remove(index);
        let is_needed = name == "manifest.json" || name.len() > "blobs/sha256/".len();
        match read(&archive(&entries), Order::Any) {
            Err(Error::Archive(InvalidContent::Missing(_) | InvalidContent::Layers(_))) => {
                assert!(is_needed, "{name}");
            }
            other => assert!(other.is_ok() && !is_needed, "{name}: {other:?}"),
        }
    }
    assert!(matches!(refused(&[]), InvalidContent::Missing(_)));
}

#[test]
fn a_malformed_or_too_large_document_is_refused() {
    for content in [&b"{"[..], b"null", b"[{\"Config\": 1}]", b"[]", b"\xff"] {
        for entries in changed(|entries| {
            entries.iter_mut().find(|entry| entry.0 == "manifest.json").unwrap().2 = content.to_owned();
        }) {
            assert!(matches!(
                refused(&entries),
                InvalidContent::Document { .. } | InvalidContent::Missing(_)
            ));
        }
    }
    for entries in changed(|entries| {
        entries.iter_mut().find(|entry| entry.0 == "manifest.json").unwrap().2 = vec![b' '; 9 << 20];
    }) {
        assert!(matches!(refused(&entries), InvalidContent::DocumentTooLarge(_)));
    }
}

#[test]
fn a_truncated_archive_is_refused() {
    for entries in changed(|_| ()) {
        let bytes = archive(&entries);
        let content = bytes.len() - 1024;
        for end in (0..content).step_by(97) {
            assert!(matches!(read(&bytes[..end], Order::Any), Err(Error::Archive(_))), "{end}");
        }
    }
}
