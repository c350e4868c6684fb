//! Parses rsync's list of what it does, or would do in a dry run: one line for each item, in the format of [`FORMAT`].

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::Error;

/// The option that requests the change (`%i`), the size, the time and the name of each item.
///
/// The word `item` distinguishes these lines from rsync's remarks, such as `created directory x`.
pub(crate) const FORMAT: &str = "--out-format=item %i %l %M %n";

/// The length of `%i`: the update type, the file type, and nine attributes.
const CODES_LENGTH: usize = 11;

/// An item of rsync's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) action: Action,
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    /// The modification time in rsync's format, in UTC: `2026/11/21-10:00:00`.
    pub(crate) time: String,
    pub(crate) path: PathBuf,
}

/// The change that rsync makes to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Creates it, or replaces its contents.
    Transfer,
    /// Leaves its contents alone; its attributes may change.
    Keep,
    Delete,
}

/// Parses rsync's output.
///
/// # Errors
/// Returns [`Error::UnreadableListing`] if an item does not have the requested format.
pub(crate) fn parse(list: &[u8]) -> Result<Vec<Item>, Error> {
    let lines = list.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"item "));
    let unreadable = |line| Error::UnreadableListing(String::from_utf8_lossy(line).into_owned());
    lines.map(|line| parse_item(line).ok_or_else(|| unreadable(line))).collect()
}

fn parse_item(line: &[u8]) -> Option<Item> {
    // The codes of an unchanged item are padded with blanks, so the line cannot simply be split at blanks.
    let (codes, rest) = line.split_at_checked(CODES_LENGTH)?;
    let mut fields = rest.strip_prefix(b" ")?.splitn(3, |byte| *byte == b' ');
    let (size, time, name) = (fields.next()?, fields.next()?, fields.next()?);
    // https://download.samba.org/pub/rsync/rsync.1#opt--itemize-changes
    let action = match codes[0] {
        b'<' | b'>' | b'c' | b'h' => Action::Transfer,
        b'.' => Action::Keep,
        b'*' => Action::Delete,
        _ => return None,
    };
    Some(Item {
        action,
        is_folder: name.ends_with(b"/"),
        size: std::str::from_utf8(size).ok()?.parse().ok()?,
        time: String::from_utf8(time.to_vec()).ok()?,
        path: OsString::from_vec(unescape(name.strip_suffix(b"/").unwrap_or(name))).into(),
    })
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
            item .f          2 2026/11/21-08:55:20 d\nitem *deleting   0 1970/01/01-00:00:00 e/\n";
        let items = parse(list).unwrap();
        let found: Vec<_> =
            items.iter().map(|item| (item.action, item.is_folder, item.path.to_str().unwrap())).collect();
        assert_eq!(
            found,
            [
                (Action::Keep, true, "."),
                (Action::Transfer, false, "a\\#012b\n c"),
                (Action::Keep, false, "d"),
                (Action::Delete, true, "e"),
            ]
        );
        assert_eq!((items[1].size, items[1].time.as_str()), (1, "2026/11/21-08:55:20"));
        assert!(parse(b"item skipping\n").is_err());
    }
}
