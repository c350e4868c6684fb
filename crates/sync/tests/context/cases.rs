//! Generates trees and ignore files, the same ones in each run, and lists what we would send of a tree.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use dockerutils_sync::{Ignore, walk};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const NAMES: &[&str] = &["a", "b", "ab", "a.c", "b.c", ".a", "é", "x y", "a*", "日c", "B"];
const LITERAL: &[&str] = &["a", "b", "ab", "a.c", "b.c", ".a", "é", "x y", "a\\*", "日c", "c"];
const WILD: &[&str] = &[
    "*", "?", "a*", "*b", "*.c", "?.c", "a?c", "[ab]", "[^a]", "[a-b].c", "[^b-z]*", "[é日]*", "a\\*", "*.*",
    ".*", "??", "*?", "a]", "[\\^a]", "[!a]", "\\.a",
];

/// A tree and its ignore file.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Paths and their kinds.
    entries: Vec<(Vec<&'static str>, Kind)>,
    ignore: String,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    File,
    Folder,
    Link,
}

/// Which exceptions a case may have.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "each of the two test programs uses only some")]
pub(crate) enum Exceptions {
    /// Any exceptions.
    All,
    /// Exceptions with wildcards in their last part only. With others, the legacy builder misses files below an excluded
    /// folder that BuildKit finds.
    LastPart,
    /// No exceptions: before Docker 23, an exception also applied to the files of a folder that was not excluded.
    None,
}

impl Case {
    /// Creates the tree in an empty folder.
    pub(crate) fn create(&self, root: &Path) {
        for (path, kind) in &self.entries {
            let path = path.iter().fold(root.to_owned(), |path, part| path.join(part));
            // An entry is skipped if a file is in the place of one of its folders, or if the path exists already.
            if fs::create_dir_all(path.parent().expect("a folder")).is_err()
                || path.symlink_metadata().is_ok()
            {
                continue;
            }
            match kind {
                Kind::File => fs::write(path, "text"),
                Kind::Folder => fs::create_dir(path),
                Kind::Link => symlink("a", path),
            }
            .expect("an entry");
        }
        fs::write(root.join(".dockerignore"), &self.ignore).expect("an ignore file");
    }

    /// Returns the text of the ignore file.
    pub(crate) fn ignore(&self) -> &str {
        &self.ignore
    }
}

/// Runs a test with this number of cases.
pub(crate) fn run(count: u32, exceptions: Exceptions, test: impl Fn(Case) -> Result<(), TestCaseError>) {
    runner(count).run(&cases(exceptions), test).unwrap_or_else(|failure| panic!("{failure}"));
}

/// This number of cases.
pub(crate) fn list(count: u32, exceptions: Exceptions) -> Vec<Case> {
    let (mut runner, cases) = (runner(count), cases(exceptions));
    let mut case = || cases.new_tree(&mut runner).expect("a case").current();
    (0..count).map(|_| case()).collect()
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

fn cases(exceptions: Exceptions) -> impl Strategy<Value = Case> {
    let kind = prop_oneof![6 => Just(Kind::File), 1 => Just(Kind::Folder), 1 => Just(Kind::Link)];
    let entries = vec((vec(select(NAMES), 1..5), kind), 1..40);
    let lines = vec(line(exceptions), 0..7);
    let end = select(&["\n", "\n", "\r\n"][..]);
    let mark = select(&["", "", "", "\u{feff}"][..]);
    (entries, lines, end, mark).prop_map(|(entries, lines, end, mark)| Case {
        entries,
        ignore: format!("{mark}{}", lines.iter().map(|line| format!("{line}{end}")).collect::<String>()),
    })
}

fn line(exceptions: Exceptions) -> impl Strategy<Value = String> {
    let except = match exceptions {
        Exceptions::All => pattern().prop_map(|pattern| format!("!{pattern}")).boxed(),
        Exceptions::LastPart => last_part_wild().prop_map(|pattern| format!("!{pattern}")).boxed(),
        Exceptions::None => pattern().boxed(),
    };
    prop_oneof![
        12 => pattern(),
        6 => except,
        1 => select(&["", "  ", "#a", " #a", ".", "/", "..", "/..", "*", "**", "\ta ", "**/"][..])
            .prop_map(str::to_owned),
        1 => select(&["!", "[", "a[", "[a", "[]a]", "a\\", "[b-a]", "[a-]", "[-a]", "!/"][..]).prop_map(str::to_owned),
    ]
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(LITERAL).prop_map(str::to_owned),
        4 => select(WILD).prop_map(str::to_owned),
        2 => Just("**".to_owned()),
        1 => select(&["**a", "a**", "a**b", "**.c", "***", "..", "."][..]).prop_map(str::to_owned),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    (
        select(&["", "", "", "", "/", "./", " "][..]),
        vec(part(), 1..4),
        select(&["", "", "", "/", " ", "/**"][..]),
    )
        .prop_map(|(begin, parts, end)| format!("{begin}{}{end}", parts.join("/")))
}

fn last_part_wild() -> impl Strategy<Value = String> {
    let last = option::of(prop_oneof![select(WILD), Just("**")]);
    (vec(select(LITERAL), 1..4), last).prop_map(|(mut parts, last)| {
        parts.extend(last);
        parts.join("/")
    })
}

/// Returns the paths that we would send. `None` if the ignore file is invalid.
pub(crate) fn sent(root: &Path) -> Option<BTreeSet<String>> {
    let ignore = Ignore::of_project(root).ok()?;
    let tree = walk(root, &ignore).expect("a walk");
    let paths = tree.folders.into_iter().chain(tree.files);
    Some(paths.map(|path| path.to_str().expect("a name that is text").to_owned()).collect())
}

/// Returns all paths below a folder.
pub(crate) fn paths(root: &Path) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            // It exists on the dock only.
            if path.ends_with(".dockerutils-workspace") {
                continue;
            }
            paths.insert(path.strip_prefix(root).expect("a path below").to_string_lossy().into_owned());
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    paths
}
