//! Writes the man pages and shell completions below the folder that is its argument.

use std::env;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).filter(|folder| !folder.as_encoded_bytes().starts_with(b"-"));
    let folder = folder.ok_or_else(|| io::Error::other("usage: dockerutils-manual FOLDER"))?;
    dockerutils_manual::generate(Path::new(&folder))
}
