//! Reads the entries of an archive as `docker save` writes it. Every entry must have a name that docker uses, must have it
//! alone, and must be of the type that belongs to it.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, Read};

use dockerutils_oci::Digest;
use tar::{Archive, Entry, EntryType};

use super::checked::skip_to_end;
use super::invalid_content::{InvalidContent, printable};
use super::member::Member;

/// The most bytes of headers that one entry may have. Docker's entries have 1536 at most.
const MAX_HEADERS: u64 = 64 << 10;

/// The most entries, whose names are all remembered. In docker's old format this is enough for 2,500 images of twenty
/// layers each.
const MAX_ENTRIES: usize = 200_000;

/// The content of an entry.
pub(super) enum Held<'a> {
    /// A file's content, and its size in the header.
    File(&'a mut dyn Read, u64),
    /// A link to the layer in the folder with this ID.
    Link(Digest),
}

/// Reads an archive to its end, and calls `visit` for every file and for every link from one layer to another.
pub(super) fn visit_members<E: From<InvalidContent>>(
    input: &mut dyn Read,
    mut visit: impl FnMut(Member, Held<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let budget = Cell::new(MAX_HEADERS);
    let mut archive = Archive::new(BudgetedReader { input, left: &budget });
    let mut seen = HashSet::new();
    for entry in archive.entries().map_err(InvalidContent::Unreadable)? {
        let mut entry = entry.map_err(InvalidContent::Unreadable)?;
        let (member, name) = member(&entry)?;
        // A program that unpacks the archive would keep only the last of two entries.
        if !seen.insert(member) {
            return Err(InvalidContent::DuplicateEntry(name).into());
        }
        if seen.len() > MAX_ENTRIES {
            return Err(InvalidContent::TooManyEntries(MAX_ENTRIES).into());
        }
        // The content is not limited: it is never in memory as a whole.
        budget.set(u64::MAX);
        match entry.header().entry_type() {
            EntryType::Directory if member.is_folder() => {}
            EntryType::Symlink if matches!(member, Member::LegacyLayer(_)) => {
                visit(member, Held::Link(link_target(&entry).ok_or(InvalidContent::InvalidLink(name))?))?;
            }
            EntryType::Regular | EntryType::Continuous if !member.is_folder() => {
                let size = entry.size();
                visit(member, Held::File(&mut entry, size))?;
            }
            _ => return Err(InvalidContent::WrongEntryType(name).into()),
        }
        // Content that was not read must not count as headers of the next entry.
        skip_to_end(&mut entry).map_err(InvalidContent::Unreadable)?;
        budget.set(MAX_HEADERS);
    }
    budget.set(u64::MAX);
    Ok(check_padding(&mut archive.into_inner())?)
}

/// Returns the member, and its name for messages.
fn member<R: Read>(entry: &Entry<R>) -> Result<(Member, String), InvalidContent> {
    let name = entry.path_bytes();
    let member = std::str::from_utf8(&name).ok().and_then(Member::parse);
    member
        .map(|member| (member, printable(&name)))
        .ok_or_else(|| InvalidContent::UnexpectedEntry(printable(&name)))
}

/// Returns the ID of the folder whose layer a link leads to. `None` if it leads anywhere else.
fn link_target<R: Read>(entry: &Entry<R>) -> Option<Digest> {
    let target = entry.link_name_bytes()?;
    let hex = target.strip_prefix(b"../")?.strip_suffix(b"/layer.tar")?;
    Digest::from_hex(std::str::from_utf8(hex).ok()?)
}

/// Reads what follows the archive, which may only be the zeros that fill its last block.
fn check_padding(input: &mut dyn Read) -> Result<(), InvalidContent> {
    let mut buffer = [0; 8192];
    loop {
        match input.read(&mut buffer).map_err(InvalidContent::Unreadable)? {
            0 => return Ok(()),
            count if buffer[..count].iter().all(|byte| *byte == 0) => {}
            _ => return Err(InvalidContent::UnexpectedEntry("something after its end".to_owned())),
        }
    }
}

/// Reads a limited number of bytes: the tar crate keeps a name of any length in memory.
struct BudgetedReader<'a> {
    input: &'a mut dyn Read,
    left: &'a Cell<u64>,
}

impl Read for BudgetedReader<'_> {
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
