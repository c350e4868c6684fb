//! Parses rsync's list of what it does, or would do in a dry run: one line for each item, in the format of [`FORMAT`].

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::Error;

/// The option that requests the change (`%i`), the size, the time, the name and a link's target of each item.
///
/// The word `item` distinguishes these lines from rsync's remarks, such as `created directory x`.
pub(crate) const FORMAT: &str = "--out-format=item %i %l %M %n%L";

/// The length of `%i`: the update type, the file type, and nine attributes.
const CODES_LENGTH: usize = 11;

/// What stands between the name of a symbolic link and its target.
const ARROW: &[u8] = b" -> ";

/// An item of rsync's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    /// Whether rsync would transfer it, because it differs from the file that it was compared with or has no such file.
    pub(crate) is_transferred: bool,
    /// Whether time and size equal those of the file that it was compared with, or the contents if these were compared.
    pub(crate) is_same: bool,
    /// Whether the mode differs from that of the file that it was compared with.
    pub(crate) has_other_mode: bool,
    pub(crate) size: u64,
    /// The modification time in rsync's format, in UTC: `2026/11/21-10:00:00`.
    pub(crate) time: String,
    pub(crate) path: PathBuf,
    /// The target of a symbolic link.
    pub(crate) target: Option<PathBuf>,
}

/// The kind of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    /// A socket, pipe or device, or a deletion.
    Other,
}

/// Parses rsync's output. Sockets, pipes, devices and deletions are left out.
///
/// # Errors
/// Returns [`Error::UnreadableListing`] if an item does not have the requested format.
pub(crate) fn parse(list: &[u8]) -> Result<Vec<Item>, Error> {
    let lines = list.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"item "));
    let unreadable = |line| Error::UnreadableListing(String::from_utf8_lossy(line).into_owned());
    let mut items =
        lines.map(|line| parse_item(line).ok_or_else(|| unreadable(line))).collect::<Result<Vec<_>, _>>()?;
    items.retain(|item| item.kind != Kind::Other);
    Ok(items)
}

fn parse_item(line: &[u8]) -> Option<Item> {
    // The codes of an unchanged item are padded with blanks, so the line cannot simply be split at blanks.
    let (codes, rest) = line.split_at_checked(CODES_LENGTH)?;
    let mut fields = rest.strip_prefix(b" ")?.splitn(3, |byte| *byte == b' ');
    let (size, time, name) = (fields.next()?, fields.next()?, fields.next()?);
    // https://download.samba.org/pub/rsync/rsync.1#opt--itemize-changes
    let kind = match codes[..2] {
        [b'<' | b'>' | b'c' | b'h' | b'.', b'f'] => Kind::File,
        [b'<' | b'>' | b'c' | b'h' | b'.', b'd'] => Kind::Folder,
        [b'<' | b'>' | b'c' | b'h' | b'.', b'L'] => Kind::Link,
        [b'<' | b'>' | b'c' | b'h' | b'.' | b'*', _] => Kind::Other,
        _ => return None,
    };
    let size = std::str::from_utf8(size).ok()?.parse().ok()?;
    let (name, target) = match kind {
        Kind::Link => split_link(name, size).map(|(name, target)| (name, Some(path(target))))?,
        _ => (name, None),
    };
    Some(Item {
        kind,
        is_transferred: matches!(codes[0], b'<' | b'>'),
        is_same: codes[2..5].iter().all(|code| matches!(code, b'.' | b' ')),
        has_other_mode: codes[5] == b'p' || codes[5] == b'+',
        size,
        time: String::from_utf8(time.to_vec()).ok()?,
        path: path(name.strip_suffix(b"/").unwrap_or(name)),
        target,
    })
}

/// Splits `NAME -> TARGET`. Either part may contain an arrow, but the size of a link is that of its target.
fn split_link(text: &[u8], size: u64) -> Option<(&[u8], &[u8])> {
    let arrows = (0..text.len()).rev().filter(|index| text[*index..].starts_with(ARROW));
    let mut parts = arrows.map(|index| (&text[..index], &text[index + ARROW.len()..]));
    parts.find(|(_, target)| unescape(target).len() as u64 == size)
}

fn path(name: &[u8]) -> PathBuf {
    OsString::from_vec(unescape(name)).into()
}
/// Decodes a name: rsync writes a byte that is not printable as `\#` and three octal digits.
fn unescape(name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((first, tail)) = rest.split_first() {
        let (byte, tail) = match tail.strip_prefix(b"#").and_then(octal).filter(|_| *first == b'\\') {
            Some(byte) => (byte, &tail[4..]),
            None => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    bytes
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits.get(..3)?).ok()?, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_parsed() {
        let list = b"created directory x\nitem .d..t...... 4096 2026/11/21-08:55:20 ./\nitem >f+++++++++ 1 2026/11/21-08:55:20 a\\#134#012b\\#012 c\n\
            item .f          2 2026/11/21-08:55:20 d\nitem *deleting   0 1970/01/01-00:00:00 e/\nitem cf...p..... 2 2026/11/21-08:55:20 f\n\
            item cS+++++++++ 0 2026/11/21-08:55:20 g\n";
        let items = parse(list).unwrap();
        let found: Vec<_> = items
            .iter()
            .map(|item| {
                (
                    item.kind,
                    item.is_transferred,
                    item.is_same,
                    item.has_other_mode,
                    item.path.to_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (Kind::Folder, false, false, false, "."),
                (Kind::File, true, false, true, "a\\#012b\n c"),
                (Kind::File, false, true, false, "d"),
                (Kind::File, false, true, true, "f"),
            ]
        );
        assert_eq!((items[1].size, items[1].time.as_str()), (1, "2026/11/21-08:55:20"));
        assert!(parse(b"item skipping\n").is_err());
    }

    #[test]
    fn a_link_is_split_by_the_length_of_its_target() {
        for (text, size, name, target) in [
            ("link -> target", 6, "link", "target"),
            ("a -> b -> x -> y", 6, "a -> b", "x -> y"),
            ("a -> b -> y", 1, "a -> b", "y"),
            ("a -> \\#012", 1, "a", "\n"),
            ("a -> \u{fc}", 2, "a", "\u{fc}"),
        ] {
            let line = format!("item cL+++++++++ {size} 2026/11/21-08:55:20 {text}");
            let items = parse(line.as_bytes()).unwrap();
            assert_eq!(
                (items[0].path.as_path(), items[0].target.as_deref()),
                (name.as_ref(), Some(target.as_ref()))
            );
        }
        assert!(parse(b"item cL+++++++++ 9 2026/11/21-08:55:20 a -> b").is_err());
    }
}
