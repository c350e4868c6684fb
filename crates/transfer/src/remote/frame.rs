//! The output of the scripts on the host: frames of a name, a status and a text.

use std::io::{self, BufRead, Error, ErrorKind, Read};

/// The line above the first frame.
const MARKER: &[u8] = b"dockerutils-transfer\n";

/// The most bytes that a login shell may print above the marker.
const MAX_GREETING: u64 = 1 << 20;

/// The most bytes of a frame's head; its name may be a digest.
const MAX_HEAD: u64 = 128;

/// The most bytes of a frame's text: enough for the layers of some 50,000 images.
const MAX_TEXT: u64 = 64 << 20;

/// One result of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) name: String,
    /// The exit status of the command whose output the text is.
    pub(super) status: u8,
    pub(super) text: String,
}

/// Skips everything up to the marker, and returns whether there is one.
///
/// `.bashrc` of the login shell may print a greeting on every session.
///
/// # Errors
/// Fails if reading fails or the greeting has no end.
pub(super) fn skip_greeting(output: &mut impl BufRead) -> io::Result<bool> {
    // The limits keep a host from filling the memory of this machine.
    let mut greeting = output.take(MAX_GREETING);
    let mut line = Vec::new();
    while line != MARKER {
        line.clear();
        if greeting.read_until(b'\n', &mut line)? == 0 {
            let is_endless = greeting.limit() == 0;
            return if is_endless { Err(invalid("a greeting without an end")) } else { Ok(false) };
        }
    }
    Ok(true)
}

/// Reads the next frame; `None` at the end.
///
/// # Errors
/// Fails if reading fails or the output is not a frame.
pub(super) fn read_frame(output: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut head = Vec::new();
    output.by_ref().take(MAX_HEAD).read_until(b'\n', &mut head)?;
    if head.is_empty() {
        return Ok(None);
    }
    let head = std::str::from_utf8(&head).ok().and_then(parse_head);
    let (name, status, length) = head.ok_or_else(|| invalid("not the head of a frame"))?;
    // The buffer grows with what arrives, so a wrong length does not reserve memory.
    let mut text = Vec::new();
    output.by_ref().take(length + 1).read_to_end(&mut text)?;
    if text.len() as u64 != length + 1 {
        return Err(Error::new(ErrorKind::UnexpectedEof, "the output ends within a frame"));
    }
    // The line feed is a check that the shell counted in bytes.
    if text.pop() != Some(b'\n') {
        return Err(invalid("a frame of another length"));
    }
    let text = String::from_utf8(text).map_err(|_| invalid("a frame that is not UTF-8"))?;
    Ok(Some(Frame { name, status, text }))
}

fn parse_head(head: &str) -> Option<(String, u8, u64)> {
    let mut words = head.strip_suffix('\n')?.split(' ');
    let name = words.next().filter(|name| !name.is_empty())?;
    let (status, length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next().is_none() && length <= MAX_TEXT).then(|| (name.to_owned(), status, length))
}

fn invalid(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_any_greeting_of_a_shell() {
        let mut output =
            &b"Welcome!\nno line feed here:\ndockerutils-transfer\nstore 0 3\na\nb\nend 12 0\n\n"[..];
        assert!(skip_greeting(&mut output).unwrap());
        let frame = |name: &str, status, text: &str| Frame { name: name.into(), status, text: text.into() };
        assert_eq!(read_frame(&mut output).unwrap(), Some(frame("store", 0, "a\nb")));
        assert_eq!(read_frame(&mut output).unwrap(), Some(frame("end", 12, "")));
        assert_eq!(read_frame(&mut output).unwrap(), None);
    }

    #[test]
    fn the_name_of_a_frame_may_be_a_digest() {
        let digest = dockerutils_oci::Digest::of("").to_string();
        let frame = read_frame(&mut format!("{digest} 0 3\nabc\n").as_bytes()).unwrap().unwrap();
        assert_eq!((frame.name, frame.text.as_str()), (digest, "abc"));
    }

    #[test]
    fn a_greeting_alone_has_no_frames() {
        assert!(!skip_greeting(&mut &b"Welcome!\n"[..]).unwrap());
        let endless = "na\n".repeat(1 << 20);
        assert!(skip_greeting(&mut endless.as_bytes()).is_err());
    }

    #[test]
    fn anything_but_a_frame_is_an_error() {
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
            assert!(read_frame(&mut text.as_bytes()).is_err(), "{text}");
        }
    }
}
