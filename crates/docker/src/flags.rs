//! The flags of `docker run`, told apart from their values as docker does it.
//!
//! Short ones that stand alone may be joined with one another and with a last one that has a value: `-dp 80:80`.
//! <https://docs.docker.com/reference/cli/docker/container/run/#options>

/// Flags that stand alone; each of the others has a value.
const ALONE: [&str; 19] = [
    "P",
    "d",
    "detach",
    "disable-content-trust",
    "help",
    "i",
    "init",
    "interactive",
    "no-healthcheck",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "q",
    "quiet",
    "read-only",
    "rm",
    "sig-proxy",
    "t",
    "tty",
];

/// A flag's name without its dashes, and its value.
pub(crate) type Flag<'a> = (&'a str, Option<&'a str>);

/// The flags that words hold.
pub(crate) fn flags(words: &[String]) -> Vec<Flag<'_>> {
    let mut flags = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            flags.push(match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None if ALONE.contains(&long) => (long, None),
                None => (long, words.next()),
            });
            continue;
        }
        let mut joined = word.strip_prefix('-').unwrap_or_default();
        while let Some(letter) = joined.chars().next() {
            let (name, after) = joined.split_at(letter.len_utf8());
            let value = match after.strip_prefix('=') {
                Some(value) => Some(value),
                None if ALONE.contains(&name) => None,
                None if after.is_empty() => words.next(),
                None => Some(after),
            };
            flags.push((name, value));
            joined = if value.is_none() { after } else { "" };
        }
    }
    flags
}

/// Whether a flag that stands alone, by its names, is on: the last one wins, and `=false` turns it off.
pub(crate) fn is_on(flags: &[Flag], names: &[&str]) -> bool {
    let last = flags.iter().rev().find(|(name, _)| names.contains(name));
    last.is_some_and(|(_, value)| {
        value.is_none_or(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_detached(words: &[&str]) -> bool {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        is_on(&flags(&words), &["d", "detach"])
    }

    #[test]
    fn flags_are_told_apart_from_values() {
        let words =
            ["--rm", "-itv", "/a:/b", "-dp80:80", "-v=/c:/d", "--name", "-d", "--net=host", "-e", "--x"];
        assert_eq!(
            flags(&words.map(str::to_owned)),
            [
                ("rm", None),
                ("i", None),
                ("t", None),
                ("v", Some("/a:/b")),
                ("d", None),
                ("p", Some("80:80")),
                ("v", Some("/c:/d")),
                ("name", Some("-d")),
                ("net", Some("host")),
                ("e", Some("--x")),
            ]
        );
    }

    #[test]
    fn detached_is_what_the_last_flag_says() {
        for words in
            [&["-d"][..], &["--detach"], &["-itd"], &["-dp", "80:80"], &["--detach=1"], &["-d=false", "-d"]]
        {
            assert!(is_detached(words), "{words:?}");
        }
        for words in [&[][..], &["-it"], &["--name", "-d"], &["-e-d"], &["-d", "--detach=false"], &["-vd"]] {
            assert!(!is_detached(words), "{words:?}");
        }
    }
}
