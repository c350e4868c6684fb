//! Paths as text, for the state file: JSON holds only UTF-8, and a file name can be any bytes.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The first character of a path that is not UTF-8; its bytes follow in hexadecimal digits. No path contains it.
const ESCAPE: char = '\0';

/// Returns the path itself if it is UTF-8, else an escaped form of it.
pub(crate) fn to_text(path: &Path) -> Cow<'_, str> {
    if let Some(text) = path.to_str() {
        return Cow::Borrowed(text);
    }
    let mut text = String::from(ESCAPE);
    for byte in path.as_os_str().as_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    Cow::Owned(text)
}

/// Returns the path that [`to_text`] has encoded.
pub(crate) fn from_text(text: &str) -> PathBuf {
    let Some(digits) = text.strip_prefix(ESCAPE) else { return text.into() };
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    OsString::from_vec(pairs.filter_map(byte).collect()).into()
}
