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

#[cfg(test)]
mod tests {
    use super::*;

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
}
