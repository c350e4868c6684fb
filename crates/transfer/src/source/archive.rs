//! The entries of an archive as `docker save` writes it, strictly: each has one of the names that docker gives, once, and
//! is what its name says.
//!
//! Docker before 25 writes folders `<id>/` with `VERSION`, `json` and `layer.tar`, and `<digest>.json` for an image;
//! later ones write `blobs/sha256/<digest>`, the layout of the OCI image specification.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, Read};

use tar::{Archive, Entry, EntryType};

use super::InvalidContent;
use super::content::exhaust;
use super::error::shown;
use dockerutils_oci::Digest;

/// The bytes of headers that one entry may have; docker's have 1536 at the most.
const HEADERS: u64 = 64 << 10;

/// The most entries, of which each is remembered; in docker's old form, 2,500 images with twenty layers of their own.
const ENTRIES: usize = 200_000;

/// What an entry is, by its name. The digest of a folder of the old form is docker's old ID of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Member {
    /// `blobs/sha256/<digest>`.
    Blob(Digest),
    /// `<digest>.json`: an image's configuration.
    Config(Digest),
    /// `<id>/json`.
    LegacyJson(Digest),
    /// `<id>/layer.tar`.
    LegacyLayer(Digest),
    /// `manifest.json`: docker's own list of the images.
    Manifest,
    /// `index.json`, `oci-layout` or `repositories`, which say nothing that we need.
    Other(&'static str),
    /// `<id>/VERSION`, likewise.
    LegacyVersion(Digest),
    /// `blobs` or `blobs/sha256`.
    Folder(&'static str),
    /// `<id>`.
    LegacyFolder(Digest),
}

/// What an entry holds.
pub(super) enum Held<'a> {
    /// A file's content, and its size as the archive tells it.
    File(&'a mut dyn Read, u64),
    /// The layer of the folder with this ID.
    Link(Digest),
}

/// Reads an archive to its end and calls `each` for every file, and for every link of one layer to another.
pub(super) fn each_member<E: From<InvalidContent>>(
    input: &mut dyn Read,
    mut each: impl FnMut(Member, Held<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let budget = Cell::new(HEADERS);
    let mut archive = Archive::new(Budgeted { input, left: &budget });
    let mut seen = HashSet::new();
    for entry in archive.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let (member, name) = member(&entry)?;
        if !seen.insert(member) {
            return Err(InvalidContent::Twice(name).into());
        }
        if seen.len() > ENTRIES {
            return Err(InvalidContent::Entries(ENTRIES).into());
        }
        budget.set(u64::MAX);
        match (member, entry.header().entry_type()) {
            (Member::Folder(_) | Member::LegacyFolder(_), EntryType::Directory) => {}
            (Member::Folder(_) | Member::LegacyFolder(_), _) => return Err(InvalidContent::Kind(name).into()),
            (Member::LegacyLayer(_), EntryType::Symlink) => {
                each(member, Held::Link(link(&entry).ok_or(InvalidContent::Link(name))?))?;
            }
            (_, EntryType::Regular | EntryType::Continuous) => {
                let size = entry.size();
                each(member, Held::File(&mut entry, size))?;
            }
            _ => return Err(InvalidContent::Kind(name).into()),
        }
        // What nobody has read counts as content, not as headers of the next.
        exhaust(&mut entry).map_err(unreadable)?;
        budget.set(HEADERS);
    }
    budget.set(u64::MAX);
    let mut input = archive.into_inner();
    Ok(only_zeros(&mut input)?)
}

/// The member of that name, and the name for messages.
fn member<R: Read>(entry: &Entry<R>) -> Result<(Member, String), InvalidContent> {
    let name = entry.path_bytes();
    let member = std::str::from_utf8(&name).ok().and_then(parse);
    member.map(|member| (member, shown(&name))).ok_or_else(|| InvalidContent::Stranger(shown(&name)))
}

fn parse(name: &str) -> Option<Member> {
    // Nothing but a folder's name ends so; that it is one is looked up in the entry.
    let name = name.strip_suffix('/').unwrap_or(name);
    let find = |known: &[&'static str]| known.iter().copied().find(|known| *known == name);
    if name == "manifest.json" {
        return Some(Member::Manifest);
    }
    if let Some(name) = find(&["index.json", "oci-layout", "repositories"]) {
        return Some(Member::Other(name));
    }
    if let Some(name) = find(&["blobs", "blobs/sha256"]) {
        return Some(Member::Folder(name));
    }
    if let Some(hex) = name.strip_prefix("blobs/sha256/") {
        return Digest::from_hex(hex).map(Member::Blob);
    }
    if let Some(hex) = name.strip_suffix(".json") {
        return Digest::from_hex(hex).map(Member::Config);
    }
    let (hex, file) = name.split_once('/').map_or((name, None), |(hex, file)| (hex, Some(file)));
    let id = Digest::from_hex(hex)?;
    match file {
        None => Some(Member::LegacyFolder(id)),
        Some("json") => Some(Member::LegacyJson(id)),
        Some("layer.tar") => Some(Member::LegacyLayer(id)),
        Some("VERSION") => Some(Member::LegacyVersion(id)),
        Some(_) => None,
    }
}

/// Where a layer's link leads; none if not to another layer.
fn link<R: Read>(entry: &Entry<R>) -> Option<Digest> {
    let target = entry.link_name_bytes()?;
    let hex = target.strip_prefix(b"../")?.strip_suffix(b"/layer.tar")?;
    Digest::from_hex(std::str::from_utf8(hex).ok()?)
}

/// The layer that `<id>/layer.tar` or `blobs/sha256/<digest>` names, as docker's manifest.json does.
pub(super) fn layer_named(name: &str) -> Option<Member> {
    parse(name).filter(|member| matches!(member, Member::Blob(_) | Member::LegacyLayer(_)))
}

/// The configuration that `<digest>.json` or `blobs/sha256/<digest>` names, as docker's manifest.json does.
pub(super) fn config_named(name: &str) -> Option<Digest> {
    match parse(name)? {
        Member::Blob(digest) | Member::Config(digest) => Some(digest),
        _ => None,
    }
}

fn unreadable(source: io::Error) -> InvalidContent {
    InvalidContent::Unreadable(source)
}

/// Reads what comes after the archive's end: blocks are filled up with zeros.
fn only_zeros(input: &mut dyn Read) -> Result<(), InvalidContent> {
    let mut buffer = [0; 8192];
    loop {
        match input.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(()),
            count if buffer[..count].iter().all(|byte| *byte == 0) => {}
            _ => return Err(InvalidContent::Stranger("something after its end".to_owned())),
        }
    }
}

/// Hands over so many bytes and no more: the tar crate keeps a long name in memory, whatever its length.
struct Budgeted<'a> {
    input: &'a mut dyn Read,
    left: &'a Cell<u64>,
}

impl Read for Budgeted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 && !buffer.is_empty() {
            return Err(io::Error::other("the headers of an entry do not end"));
        }
        let count = self.input.read(&mut buffer[..most])?;
        self.left.set(self.left.get() - count as u64);
        Ok(count)
    }
}
