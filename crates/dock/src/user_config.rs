//! The user's own ssh configuration, read as far as we need it: which hosts it names, and what it includes.
//!
//! Only ssh knows the value of a setting (`ssh -G`). But for each dock at each change of a record that would be a process,
//! and our own file, which the configuration includes, must not count.

use std::fs;
use std::path::{Path, PathBuf};

/// How deep files that include files are read; ssh itself stops at 16.
const MAX_DEPTH: usize = 8;

/// One line of an ssh configuration: its keyword in lower case and its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) keyword: String,
    pub(crate) arguments: Vec<String>,
}

impl Line {
    /// Parses a line; `None` if it is blank or a comment.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        // A keyword is separated from its arguments by blanks, an equals sign, or both.
        let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        if keyword.is_empty() || keyword.starts_with('#') {
            return None;
        }
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('=').unwrap_or(rest);
        Some(Line { keyword: keyword.to_ascii_lowercase(), arguments: words(rest) })
    }

    /// Returns whether the lines after this one are for every host; `None` if it does not begin a block.
    pub(crate) fn is_for_all(&self) -> Option<bool> {
        match self.keyword.as_str() {
            "host" => Some(self.arguments == ["*"]),
            "match" => Some(self.arguments.len() == 1 && self.arguments[0].eq_ignore_ascii_case("all")),
            _ => None,
        }
    }
}

/// Splits arguments at blanks; double quotes protect them.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// Returns the names that the user's configuration has in `Host` lines, patterns left out. `ignored` is not read.
pub(crate) fn named_hosts(home: &Path, ignored: &Path) -> Vec<String> {
    let mut names = Vec::new();
    collect(&home.join(".ssh/config"), home, ignored, MAX_DEPTH, &mut names);
    names
}

fn collect(file: &Path, home: &Path, ignored: &Path, depth: usize, names: &mut Vec<String>) {
    if depth == 0 || !file.is_file() || file == ignored {
        return;
    }
    let Ok(text) = dockerutils_file::read(file) else { return };
    for line in text.split(|byte| *byte == b'\n').filter_map(Line::parse) {
        match line.keyword.as_str() {
            "host" => names.extend(line.arguments.into_iter().filter(|name| !name.contains(['*', '?', '!']))),
            "include" => {
                for included in line.arguments.iter().flat_map(|pattern| expand(pattern, home)) {
                    collect(&included, home, ignored, depth - 1, names);
                }
            }
            _ => {}
        }
    }
}

/// Returns the path that an argument of Include means.
pub(crate) fn include_path(argument: &str, home: &Path) -> PathBuf {
    match argument.strip_prefix("~/") {
        Some(below) => home.join(below),
        None => home.join(".ssh").join(argument),
    }
}

/// Returns the files that an argument of Include means. A `*` counts in the last part of the path, where people write it.
fn expand(argument: &str, home: &Path) -> Vec<PathBuf> {
    let path = include_path(argument, home);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some((start, end)) = name.split_once('*') else { return vec![path] };
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let matches =
        |name: &str| name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end);
    let files = entries.filter(|entry| entry.file_name().to_str().is_some_and(matches));
    files.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_ssh_reads_it() {
        let parse =
            |line: &str| Line::parse(line.as_bytes()).map(|line| (line.keyword, line.arguments.join("|")));
        for (line, keyword, arguments) in [
            ("Include a b", "include", "a|b"),
            ("  INCLUDE = \"a b\" c # d\r", "include", "a b|c"),
            ("host=x", "host", "x"),
            ("Match all", "match", "all"),
        ] {
            assert_eq!(parse(line), Some((keyword.to_owned(), arguments.to_owned())), "{line}");
        }
        assert_eq!((parse("# Host x"), parse(" \r")), (None, None));
    }

    #[test]
    fn named_hosts_are_found_in_included_files_too() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        fs::create_dir_all(ssh.join("conf.d")).unwrap();
        fs::write(ssh.join("config"), "Include conf.d/*.conf ours loop\nHost a b* !c\nInclude config\n")
            .unwrap();
        fs::write(ssh.join("conf.d/x.conf"), "Host d\n").unwrap();
        fs::write(ssh.join("conf.d/x.old"), "Host e\n").unwrap();
        fs::write(ssh.join("ours"), "Host f\n").unwrap();
        let mut names = named_hosts(home.path(), &ssh.join("ours"));
        names.sort();
        names.dedup();
        assert_eq!(names, ["a", "d"]);
    }
}
