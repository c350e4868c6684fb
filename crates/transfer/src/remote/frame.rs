//! How the scripts on the target answer: frames of a name, a status and a text, after whatever a login shell says.

use std::io::{self, BufRead, Error, ErrorKind, Read};

/// The line before the first frame.
const BEGIN: &[u8] = b"dockerutils-transfer\n";

/// What a login shell may say before, in bytes.
const LONGEST_GREETING: u64 = 1 << 20;

/// A frame's head, in bytes: its name may be a digest.
const LONGEST_HEAD: u64 = 128;

/// A frame's text, in bytes: the layers of some 50,000 images.
const LONGEST_TEXT: u64 = 64 << 20;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) name: String,
    /// The exit status of what was asked.
    pub(super) status: u8,
    pub(super) text: String,
}

/// Skips what stands before the first frame; whether there is one.
///
/// # Errors
/// Reading failed, or it does not end.
pub(super) fn begin(answers: &mut impl BufRead) -> io::Result<bool> {
    let mut greeting = answers.take(LONGEST_GREETING);
    let mut line = Vec::new();
    while line != BEGIN {
        line.clear();
        if greeting.read_until(b'\n', &mut line)? == 0 {
            return if greeting.limit() == 0 { Err(garbled("a greeting without an end")) } else { Ok(false) };
        }
    }
    Ok(true)
}

/// The next frame; none when there is no more.
///
/// # Errors
/// Reading failed, or what stands there is no frame.
pub(super) fn next(answers: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut head = Vec::new();
    answers.by_ref().take(LONGEST_HEAD).read_until(b'\n', &mut head)?;
    if head.is_empty() {
        return Ok(None);
    }
    let head = std::str::from_utf8(&head).ok().and_then(parse_head);
    let (name, status, length) = head.ok_or_else(|| garbled("no answer's head"))?;
    let mut text = Vec::new();
    answers.by_ref().take(length + 1).read_to_end(&mut text)?;
    if text.len() as u64 != length + 1 {
        return Err(Error::new(ErrorKind::UnexpectedEof, "an answer ended in its middle"));
    }
    if text.pop() != Some(b'\n') {
        return Err(garbled("an answer of another length"));
    }
    let text = String::from_utf8(text).map_err(|_| garbled("an answer that is no text"))?;
    Ok(Some(Frame { name, status, text }))
}

fn parse_head(head: &str) -> Option<(String, u8, u64)> {
    let mut words = head.strip_suffix('\n')?.split(' ');
    let name = words.next().filter(|name| !name.is_empty())?;
    let (status, length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next().is_none() && length <= LONGEST_TEXT).then(|| (name.to_owned(), status, length))
}

fn garbled(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_stand_after_whatever_a_shell_says() {
        let mut answers =
            &b"Welcome!\nno line feed here:\ndockerutils-transfer\nstore 0 3\na\nb\nend 12 0\n\n"[..];
        assert!(begin(&mut answers).unwrap());
        let frame = |name: &str, status, text: &str| Frame { name: name.into(), status, text: text.into() };
        assert_eq!(next(&mut answers).unwrap(), Some(frame("store", 0, "a\nb")));
        assert_eq!(next(&mut answers).unwrap(), Some(frame("end", 12, "")));
        assert_eq!(next(&mut answers).unwrap(), None);
    }

    #[test]
    fn a_frame_may_be_called_by_a_digest() {
        let digest = dockerutils_oci::Digest::of("").to_string();
        let frame = next(&mut format!("{digest} 0 3\nabc\n").as_bytes()).unwrap().unwrap();
        assert_eq!((frame.name, frame.text.as_str()), (digest, "abc"));
    }

    #[test]
    fn a_greeting_alone_is_no_answer() {
        assert!(!begin(&mut &b"Welcome!\n"[..]).unwrap());
        let endless = "na\n".repeat(1 << 20);
        assert!(begin(&mut endless.as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        let long = format!("{} 0 1\na\n", "n".repeat(200));
        for text in [
            "store 0\n",
            " 0 1\na\n",
            "store 0 1 2\na\n",
            "store x 1\na\n",
            "store 256 1\na\n",
            "store 0 -1\n",
            "store 0 9\na\n",
            "store 0 1\nab",
            "store 0 0\na\n",
            "store 0 99999999999\n",
            "store 0 1",
            "store 0 1\n",
            "store 0 1\n\u{e9}\n",
            &long,
        ] {
            assert!(next(&mut text.as_bytes()).is_err(), "{text}");
        }
    }
}
