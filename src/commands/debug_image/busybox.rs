//! A static busybox of the engine's machine: a shell that runs in any image, because it needs no library.

use std::env;
use std::fs::canonicalize;
use std::io::Read;
use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_docker::engine;

use crate::Result;
use crate::dock_context::DockedEngine;

/// How much of a file is read: its header, and the table of its segments, which follows at once.
const HEADER: u64 = 4096;

/// The type of a segment that names the loader of libraries; see elf(5), `PT_INTERP`.
const INTERPRETER: u32 = 3;

/// Returns the path of a static busybox on the engine's machine; `None` if there is none, or if that machine is unknown.
///
/// # Errors
/// Fails if the dock cannot be reached.
pub(super) fn find_busybox(dock: Option<&DockedEngine>, runner: &Runner) -> Result<Option<String>> {
    match dock {
        Some(dock) => dock.static_busybox(runner),
        None if engine::has_local_socket() => Ok(local_busybox()),
        None => Ok(None),
    }
}

fn local_busybox() -> Option<String> {
    let folders = env::var_os("PATH")?;
    let paths = env::split_paths(&folders).filter_map(|folder| canonicalize(folder.join("busybox")).ok());
    let path = paths.into_iter().find(|path| header(path).is_some_and(|header| is_static(&header)))?;
    path.to_str().map(str::to_owned)
}

fn header(path: &Path) -> Option<Vec<u8>> {
    let mut header = Vec::new();
    dockerutils_file::open(path).ok()?.take(HEADER).read_to_end(&mut header).ok()?;
    Some(header)
}

/// Returns whether this is the beginning of a program for Linux with 64 bits that needs no loader; see elf(5).
fn is_static(header: &[u8]) -> bool {
    const LITTLE_ENDIAN_64: &[u8] = b"\x7fELF\x02\x01";
    let number = |at: usize, length: usize| {
        let bytes = header.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let segments = || Some((number(32, 8)?, number(54, 2)?, number(56, 2)?));
    let Some((start, size, count)) = segments().filter(|_| header.starts_with(LITTLE_ENDIAN_64)) else {
        return false;
    };
    let kind = |index: usize| number(start.checked_add(index * size)?, 4);
    (0..count).all(|index| kind(index).is_some_and(|kind| kind != INTERPRETER as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a program with segments of these types.
    fn program(kinds: &[u32]) -> Vec<u8> {
        let mut header = vec![0; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (header[32], header[54], header[56]) = (64, 56, u8::try_from(kinds.len()).unwrap());
        for kind in kinds {
            header.extend(kind.to_le_bytes());
            header.extend([0; 52]);
        }
        header
    }

    #[test]
    fn a_program_without_an_interpreter_is_static() {
        assert!(is_static(&program(&[1, 2, 6])));
        assert!(!is_static(&program(&[6, 3, 1])));
        let cut = program(&[1, 1]);
        assert!(!is_static(&cut[..100]) && !is_static(b"#!/bin/sh\n") && !is_static(b""));
    }
}
