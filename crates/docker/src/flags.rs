//! Separates docker's flags from their values, as docker does.
//!
//! Short flags without a value may be joined with one another and with a last one that has a value: `-dp 80:80`.

use std::ops::Range;

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

/// Where a flag stands among words.
struct Place {
    /// The word of the name, and where the name begins and ends in it.
    name: (usize, Range<usize>),
    /// The word of the value, and where the value begins in it.
    value: Option<(usize, usize)>,
}

/// Returns the flags among the words of a command whose flags without a value are `switches`.
pub(crate) fn flags<'w>(words: &'w [String], switches: &[&str]) -> Vec<Flag<'w>> {
    let text = |(word, start): (usize, usize)| words.get(word).map(|word| &word[start..]);
    let places = places(words, switches);
    places.into_iter().map(|place| (&words[place.name.0][place.name.1], place.value.and_then(text))).collect()
}

/// Replaces the values of flags for which `change` returns another one.
pub(crate) fn change_values(
    words: &mut [String],
    switches: &[&str],
    change: impl Fn(&str, &str) -> Option<String>,
) {
    for Place { name: (word, range), value } in places(words, switches) {
        if let Some((value_word, start)) = value.filter(|(word, _)| *word < words.len())
            && let Some(changed) = change(&words[word][range], &words[value_word][start..])
        {
            words[value_word].replace_range(start.., &changed);
        }
    }
}

/// Returns the words without the flags that are `unwanted`, by name and value, each with its index among `words`.
pub(crate) fn without(
    words: &[String],
    switches: &[&str],
    unwanted: impl Fn(&str, &str) -> bool,
) -> Vec<(usize, String)> {
    let mut kept: Vec<Option<String>> = words.iter().cloned().map(Some).collect();
    // From the last one, so that the places of the others in a word of joined short flags stay as they are.
    for Place { name: (word, range), value } in places(words, switches).into_iter().rev() {
        let text = value.and_then(|(word, start)| words.get(word)?.get(start..)).unwrap_or_default();
        if !unwanted(&words[word][range.clone()], text) {
            continue;
        }
        let is_short = !words[word].starts_with("--");
        let has_value_in_word = value.is_some_and(|(value_word, _)| value_word == word);
        if let Some(joined) = kept[word].as_mut().filter(|_| is_short) {
            let end = if has_value_in_word { joined.len() } else { range.end };
            joined.replace_range(range.start..end, "");
        }
        kept[word] = kept[word].take().filter(|joined| is_short && joined != "-");
        if let Some((value_word, _)) = value
            && value_word != word
            && let Some(value) = kept.get_mut(value_word)
        {
            *value = None;
        }
    }
    kept.into_iter().enumerate().filter_map(|(index, word)| Some((index, word?))).collect()
}

fn places(words: &[String], switches: &[&str]) -> Vec<Place> {
    let mut places = Vec::new();
    let mut index = 0;
    while let Some(word) = words.get(index) {
        let next = index + 1;
        if let Some(long) = word.strip_prefix("--") {
            let (end, value) = match long.find('=') {
                Some(equals) => (2 + equals, Some((index, 2 + equals + 1))),
                None if switches.contains(&long) => (word.len(), None),
                None => (word.len(), Some((next, 0))),
            };
            places.push(Place { name: (index, 2..end), value });
            index = value.map_or(index, |(word, _)| word) + 1;
            continue;
        }
        let mut start = if word.starts_with('-') { 1 } else { word.len() };
        let mut last = index;
        while let Some(letter) = word[start..].chars().next() {
            let end = start + letter.len_utf8();
            let value = match word[end..].chars().next() {
                Some('=') => Some((index, end + 1)),
                _ if switches.contains(&&word[start..end]) => None,
                None => Some((next, 0)),
                Some(_) => Some((index, end)),
            };
            places.push(Place { name: (index, start..end), value });
            start = if value.is_some() { word.len() } else { end };
            last = value.map_or(index, |(word, _)| word);
        }
        index = last + 1;
    }
    places
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
    fn flags_are_removed_with_their_values() {
        let words = ["-qt", "x", "--iidfile=i", "--label", "-t", "-tx", "--tag", "y", "--no-cache", "-t"];
        let kept = without(&words.map(str::to_owned), &BUILD_SWITCHES, |name, _| {
            matches!(name, "t" | "tag" | "iidfile")
        });
        let expected = [(0, "-q"), (3, "--label"), (4, "-t"), (8, "--no-cache")];
        assert_eq!(kept, expected.map(|(index, word)| (index, word.to_owned())));
    }

    #[test]
    fn values_are_changed_wherever_they_stand() {
        let mut words =
            ["-dv", "./a:/a", "-v=./b:/b", "--volume", "./c:/c", "-v./d:/d", "-v"].map(str::to_owned);
        change_values(&mut words, &RUN_SWITCHES, |_, value| {
            value.strip_prefix("./").map(|rest| format!("/x/{rest}"))
        });
        assert_eq!(words, ["-dv", "/x/a:/a", "-v=/x/b:/b", "--volume", "/x/c:/c", "-v/x/d:/d", "-v"]);
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
