//! Separates docker's flags from their values, as docker does.
//!
//! Short flags without a value may be joined with one another and with a last one that has a value: `-dp 80:80`.

/// The flags of `docker run` that take no value.
/// <https://docs.docker.com/reference/cli/docker/container/run/#options>
pub(crate) const RUN_SWITCHES: [&str; 19] = [
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

/// The flags of `docker build`, by the legacy builder or by buildx, that take no value.
/// <https://docs.docker.com/reference/cli/docker/buildx/build/#options>
pub(crate) const BUILD_SWITCHES: [&str; 16] = [
    "D",
    "check",
    "compress",
    "debug",
    "disable-content-trust",
    "force-rm",
    "help",
    "load",
    "no-cache",
    "pull",
    "push",
    "q",
    "quiet",
    "rm",
    "squash",
    "stream",
];

/// The name of a flag without its dashes, and its value.
pub(crate) type Flag<'a> = (&'a str, Option<&'a str>);

/// Returns the flags among the words of a command whose flags without a value are `switches`.
pub(crate) fn flags<'w>(words: &'w [String], switches: &[&str]) -> Vec<Flag<'w>> {
    let mut flags = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            flags.push(match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None if switches.contains(&long) => (long, None),
                None => (long, words.next()),
            });
            continue;
        }
        let mut joined = word.strip_prefix('-').unwrap_or_default();
        while let Some(letter) = joined.chars().next() {
            let (name, after) = joined.split_at(letter.len_utf8());
            let value = match after.strip_prefix('=') {
                Some(value) => Some(value),
                None if switches.contains(&name) => None,
                None if after.is_empty() => words.next(),
                None => Some(after),
            };
            flags.push((name, value));
            joined = if value.is_none() { after } else { "" };
        }
    }
    flags
}

/// Returns whether the value of a flag, or of the last of several short ones that are joined, is the next word.
pub(crate) fn takes_next_word(word: &str, switches: &[&str]) -> bool {
    if let Some(long) = word.strip_prefix("--") {
        return !long.contains('=') && !switches.contains(&long);
    }
    let mut joined = word.strip_prefix('-').unwrap_or_default();
    while let Some(letter) = joined.chars().next() {
        let (name, after) = joined.split_at(letter.len_utf8());
        if !switches.contains(&name) {
            return after.is_empty();
        }
        if after.starts_with('=') {
            return false;
        }
        joined = after;
    }
    false
}

/// Returns for each word the flag whose value begins in it, and the byte at which the value begins.
pub(crate) fn value_starts<'w>(words: &'w [String], switches: &[&str]) -> Vec<Option<(&'w str, usize)>> {
    let mut starts = Vec::new();
    let mut pending = None;
    for word in words {
        if let Some(flag) = pending.take() {
            starts.push(Some((flag, 0)));
            continue;
        }
        let flag = flags(std::slice::from_ref(word), switches).pop();
        starts.push(match flag {
            Some((name, Some(value))) => Some((name, word.len() - value.len())),
            _ => None,
        });
        pending = match flag {
            Some((name, None)) if !switches.contains(&name) => Some(name),
            _ => None,
        };
    }
    starts
}

/// Returns whether a switch with one of these names is on: the last one wins, and `=false` turns it off.
pub(crate) fn is_on(flags: &[Flag], names: &[&str]) -> bool {
    let last = flags.iter().rev().find(|(name, _)| names.contains(name));
    // Go's strconv.ParseBool, which docker uses, accepts these words as true.
    last.is_some_and(|(_, value)| {
        value.is_none_or(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    })
}

/// Returns the value of the last flag with one of these names, which is the one that docker uses.
pub(crate) fn last_value<'f>(flags: &[Flag<'f>], names: &[&str]) -> Option<&'f str> {
    flags.iter().rev().find(|(name, _)| names.contains(name)).and_then(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_detached(words: &[&str]) -> bool {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        is_on(&flags(&words, &RUN_SWITCHES), &["d", "detach"])
    }

    #[test]
    fn flags_and_values_are_separated() {
        let words =
            ["--rm", "-itv", "/a:/b", "-dp80:80", "-v=/c:/d", "--name", "-d", "--net=host", "-e", "--x"];
        assert_eq!(
            flags(&words.map(str::to_owned), &RUN_SWITCHES),
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
    fn the_value_of_a_flag_begins_in_its_own_word_or_the_next() {
        let words = ["--rm", "-ite", "A=1", "-eB=2", "-e=C=3", "--env=D=4", "--env", "E", "-v", "-e", "-d"];
        let words = words.map(str::to_owned);
        let starts = value_starts(&words, &RUN_SWITCHES).into_iter();
        let starts: Vec<String> =
            starts.map(|start| start.map_or(String::new(), |(flag, at)| format!("{flag} {at}"))).collect();
        assert_eq!(starts, ["", "", "e 0", "e 2", "e 3", "env 6", "", "env 0", "", "v 0", ""]);
    }

    #[test]
    fn the_last_detach_flag_wins() {
        for words in
            [&["-d"][..], &["--detach"], &["-itd"], &["-dp", "80:80"], &["--detach=1"], &["-d=false", "-d"]]
        {
            assert!(is_detached(words), "{words:?}");
        }
        for words in [&[][..], &["-it"], &["--name", "-d"], &["-e-d"], &["-d", "--detach=false"], &["-vd"]] {
            assert!(!is_detached(words), "{words:?}");
        }
    }

    #[test]
    fn the_last_value_wins() {
        let words = ["-f", "a", "--label", "--file=b", "--file=c", "-q"].map(str::to_owned);
        assert_eq!(last_value(&flags(&words, &BUILD_SWITCHES), &["f", "file"]), Some("c"));
    }
}
