//! Secrets in what a build sends: private keys, files of passwords, and tokens of well-known formats.
//!
//! A `COPY . .` puts them into the image, and everyone who gets the image can read them. What is found is named by its file
//! and line; the secret itself is never kept.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dockerutils_project::Project;
use dockerutils_sync::Tree;

use super::exclusion::{exclude, pattern_of};
use super::secret_names::secret_by_name;
use super::tokens::find_token;
use crate::Finding;

/// How many bytes of a file are searched.
const MAX_FILE: u64 = 64 * 1024;

/// How many files are searched.
const MAX_FILES: usize = 20_000;

/// How many findings are named.
const NAMED: usize = 10;

pub(super) fn judge(project: &Project, tree: &Tree) -> Finding {
    let id = "project.secrets";
    let searched = &tree.files[..tree.files.len().min(MAX_FILES)];
    let found: Vec<(&PathBuf, String)> =
        searched.iter().filter_map(|path| Some((path, secret_in(project.root(), path)?))).collect();
    if found.is_empty() {
        let more = tree.files.len() - searched.len();
        let rest = if more > 0 { format!(" ({more} files were not searched)") } else { String::new() };
        return Finding::ok(id, format!("no secret was found in the context of builds{rest}"));
    }
    let named: Vec<&str> = found.iter().take(NAMED).map(|(_, named)| named.as_str()).collect();
    let more = found.len() - named.len();
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let evidence =
        format!("builds send secrets, and `COPY . .` puts them into the image: {}{more}", named.join(", "));
    let patterns = found.iter().take(NAMED).map(|(path, _)| pattern_of(path));
    Finding::problem(id, evidence).fix(exclude(project, patterns))
}

/// Names the secret in a file.
fn secret_in(root: &Path, path: &Path) -> Option<String> {
    if let Some(what) = secret_by_name(path) {
        return Some(format!("{} ({what})", path.display()));
    }
    let (line, what) = find_token(&beginning(&root.join(path))?)?;
    Some(format!("{}:{line} ({what})", path.display()))
}

/// Reads the beginning of a text file; `None` for other files.
fn beginning(path: &Path) -> Option<Vec<u8>> {
    // A link leads out of the context, or to another file in it.
    if path.is_symlink() {
        return None;
    }
    let file: File = dockerutils_file::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    let is_binary = bytes.iter().take(1024).any(|byte| *byte == 0);
    (!is_binary).then_some(bytes)
}
