//! The meaning of single patterns, as observed with docker.

use std::fs;
use std::path::Path;

use dockerutils_sync::{Ignore, ParentMatches, measure_context, walk};
use proptest::prelude::*;

fn excluded(ignore: &str, path: &str) -> bool {
    let ignore = Ignore::parse(ignore).expect("patterns");
    let (mut parent, mut excluded) = (ParentMatches::default(), false);
    let folders: Vec<&Path> =
        Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    for folder in folders.into_iter().rev() {
        let decision = ignore.evaluate(folder, &parent);
        (parent, excluded) = (decision.matches, decision.is_excluded);
    }
    excluded
}

#[test]
fn patterns_match_what_they_match_in_docker() {
    for (ignore, matches, others) in [
        ("a", &["a", "a/b", "a/b/c"][..], &["b/a", "ab"][..]),
        ("/a", &["a"], &["b/a"]),
        ("a/", &["a", "a/b"], &[]),
        ("./a/../b", &["b"], &["a"]),
        ("*", &["a", ".a", "a/b"], &[]),
        ("*.c", &["a.c", ".c"], &["b/a.c"]),
        ("*/a", &["b/a", "b/a/c"], &["a", "b/c/a"]),
        ("a?", &["ab", "aé"], &["a", "abc", "a/"]),
        ("**/a", &["a", "b/a", "b/c/a", "b/a/d"], &["ab", "b/ab"]),
        ("a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]),
        ("a/**/b", &["a/b", "a/c/b", "a/c/d/b"], &["a", "a/c"]),
        ("**", &["a", ".a", "a/b"], &[]),
        ("**.c", &["a.c", "b/a.c", ".c"], &["a.d"]),
        ("[ab]x", &["ax", "bx"], &["cx", "x"]),
        ("[^ab]x", &["cx"], &["ax"]),
        ("a\\*", &["a*"], &["ab"]),
        ("#a\n #b", &["#b"], &["#a", "a"]),
        ("\u{feff}a", &["a"], &[]),
        ("a\r\nb\r\n", &["a", "b"], &[]),
        ("  a  ", &["a"], &[]),
        ("*\n!a", &["b"], &["a", "a/b"]),
        ("!a\n*", &["a", "b"], &[]),
        ("a\n!a/b", &["a", "a/c"], &["a/b", "a/b/c"]),
        ("*\n! a", &["b"], &["a"]),
        (".\n/\n..\n../a", &[], &["a", ".a"]),
    ] {
        for path in matches {
            assert!(excluded(ignore, path), "{ignore:?} does not exclude {path}");
        }
        for path in others {
            assert!(!excluded(ignore, path), "{ignore:?} excludes {path}");
        }
    }
}

#[test]
fn patterns_that_docker_rejects_are_invalid() {
    for ignore in ["!", "! ", "[", "a[b", "[]", "[a-]", "[-a]", "[b-a]", "a\\", "[a\\", "!/"] {
        assert!(Ignore::parse(ignore).is_err(), "{ignore}");
    }
}

/// Docker copies the escape into a regular expression, in which `\d` is a class of characters.
#[test]
fn letters_after_a_backslash_are_invalid() {
    for ignore in ["data\\logs", "[\\d]"] {
        assert!(Ignore::parse(ignore).is_err(), "{ignore}");
    }
}

proptest! {
    #[test]
    fn an_escaped_name_matches_itself_and_no_other_name(name in "[^/\0\r\n \u{feff}]{1,12}", other in "[a-z*?]{1,3}") {
        prop_assume!(name != "." && name != ".." && name != other);
        let is_special = |c: &char| matches!(c, '*' | '?' | '[' | ']' | '\\' | '!' | '#' | '^');
        let escaped: String = name.chars().flat_map(|c| is_special(&c).then_some('\\').into_iter().chain([c])).collect();
        prop_assume!(escaped.trim() == escaped);
        prop_assert!(excluded(&escaped, &name));
        prop_assert!(!excluded(&escaped, &other));
        let all_but = format!("*\n!{escaped}");
        prop_assert!(!excluded(&all_but, &name));
    }

    #[test]
    fn parsing_and_evaluating_never_panics(ignore in "[ab*?!/\\[\\]^.\\\\\n-]{0,40}", path in "[ab.]{1,3}(/[ab.]{1,3}){0,4}") {
        if let Ok(ignore) = Ignore::parse(&ignore) {
            ignore.evaluate(Path::new(&path), &ParentMatches::default());
        }
    }

    /// With backtracking, this would take exponential time.
    #[test]
    fn many_stars_do_not_slow_matching_down(stars in 1..60usize) {
        let pattern = format!("{}b", "a*".repeat(stars));
        prop_assert!(!excluded(&pattern, &"a".repeat(200)));
    }
}

#[test]
fn a_context_is_measured() {
    let root = tempfile::tempdir().expect("a folder");
    for (name, size) in [("a", 1), ("b", 7), ("c/d", 5), ("e", 3), ("f", 4), ("g", 6), ("no", 100)] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, vec![0; size]).expect("a file");
    }
    fs::write(root.path().join(".dockerignore"), "no").expect("a file");
    let context = measure_context(root.path()).expect("a context");
    assert_eq!((context.sizes.len(), context.bytes), (7, 28));
    let largest: Vec<(&str, u64)> =
        context.largest(5).iter().map(|(path, size)| (path.to_str().expect("text"), *size)).collect();
    assert_eq!(largest, [("b", 7), ("g", 6), ("c/d", 5), ("f", 4), ("e", 3)]);
}

#[test]
fn an_excluded_folder_is_not_read_unless_an_exception_may_match_below() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(root.path().join("a/b/c")).expect("a folder");
    let excluded = |ignore: &str| -> Vec<String> {
        let ignore = Ignore::parse(ignore).expect("patterns");
        let tree = walk(root.path(), &ignore).expect("a walk");
        tree.excluded.iter().map(|excluded| excluded.path.to_string_lossy().into_owned()).collect()
    };
    assert_eq!(excluded("a"), ["a"]);
    assert_eq!(excluded("a/b\n!a/x"), ["a/b"]);
    assert_eq!(excluded("a/b/c\n!**/x"), ["a/b/c"]);
}
