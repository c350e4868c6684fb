//! The words of the keys that hold flags, checked and corrected.

use dockerutils_config::{Scope, Value, Word};

use crate::error::Error;
use crate::flag_check::{self, FlagFault, Verb, right_spelling};
use crate::flags::without;
use crate::gpu::quote_device_list;
use crate::mount_settings::quote_mount;
use crate::relative_paths::home_sign;

/// Evaluates a key that holds flags of this docker command.
///
/// # Errors
/// Fails if the value cannot be evaluated, if a word is not a flag, if a flag has no value, or if a path begins with a `~`
/// that nothing replaces.
pub(crate) fn flag_words(value: &Value, scope: &Scope, verb: Verb) -> Result<Vec<Word>, Error> {
    let words = value.words(scope)?;
    let texts: Vec<String> = words.iter().map(Word::text).collect();
    match flag_check::check(&texts, verb) {
        Ok(()) => match home_sign(&verb.flags(&texts)) {
            Some(path) => Err(value.error(explain_home_sign(&path)).into()),
            None => Ok(correct(words)),
        },
        Err(fault) => {
            // The value of a variable may be a secret.
            let shown = words.iter().find(|word| fault.is_about(&word.text())).map(Word::shown);
            Err(value.error(explain(&fault.shown_as(shown.unwrap_or_default()), value)).into())
        }
    }
}

fn explain(fault: &FlagFault, value: &Value) -> String {
    let key = value.own_key();
    match fault {
        FlagFault::NotAFlag { word, .. } if word.starts_with('-') => fault.to_string(),
        FlagFault::NotAFlag { word, .. } if word.starts_with(['#', ';']) => {
            format!("{fault}: a comment is a line of its own")
        }
        FlagFault::NotAFlag { word, .. } => match right_spelling(key, word) {
            Some(spelling) => format!("{fault}: write `{}={spelling}`", value.key),
            None => format!("{fault}: write the flag before it (a value with blanks needs quotes)"),
        },
        FlagFault::NoValue { .. } => fault.to_string(),
    }
}

fn explain_home_sign(path: &str) -> String {
    let remedy = if path == "~" || path.starts_with("~/") {
        format!("write `{{home}}{}`", &path[1..])
    } else {
        "write the path of that folder".to_owned()
    };
    format!("`{path}` is not replaced here: {remedy}")
}

/// Corrects what docker would misread in the value of a flag: a list of GPUs, and a path with a comma.
fn correct(words: Vec<Word>) -> Vec<Word> {
    let mut corrected: Vec<Word> = Vec::new();
    for word in words {
        let text = word.text();
        let flag = corrected.last().map(Word::text);
        corrected.push(corrected_text(flag.as_deref(), &text).map_or(word, Word::plain));
    }
    corrected
}

/// Corrects words of the command line in the same way.
pub(crate) fn correct_texts(words: &[String]) -> Vec<String> {
    let flags = std::iter::once(None).chain(words.iter().map(|word| Some(word.as_str())));
    let corrected =
        |(flag, word): (Option<&str>, &String)| corrected_text(flag, word).unwrap_or_else(|| word.clone());
    flags.zip(words).map(corrected).collect()
}

/// Returns the corrected word after another word; `None` if the word is right.
fn corrected_text(flag: Option<&str>, text: &str) -> Option<String> {
    for (name, correct) in
        [("--gpus", quote_device_list as fn(&str) -> Option<String>), ("--mount", quote_mount)]
    {
        if flag == Some(name) {
            return correct(text);
        }
        if let Some(value) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return correct(value).map(|value| format!("{name}={value}"));
        }
    }
    None
}

/// Evaluates `network`, whose value is a name and no flag.
///
/// # Errors
/// Fails if the value cannot be evaluated, or cannot be the name of a network.
pub(crate) fn network_name(value: &Value, scope: &Scope, public: &[String]) -> Result<String, Error> {
    let word = value.public_word(scope, public)?;
    let text = word.text();
    if text.starts_with('-') || text.contains(char::is_whitespace) {
        let name = text.rsplit([' ', '=']).next().unwrap_or_default();
        return Err(value
            .error(format!("`{}` is not the name of a network: write `{}={name}`", word.shown(), value.key))
            .into());
    }
    Ok(text)
}

/// Returns the words of a key without the flags that are `unwanted`, by name and value.
pub(crate) fn without_flags(
    words: &[Word],
    switches: &[&str],
    unwanted: impl Fn(&str, &str) -> bool,
) -> Vec<Word> {
    let texts: Vec<String> = words.iter().map(Word::text).collect();
    let kept = without(&texts, switches, unwanted).into_iter();
    // A word that loses only some of its joined flags has another text, and no more the origin of its parts.
    kept.map(|(index, text)| if texts[index] == text { words[index].clone() } else { Word::plain(text) })
        .collect()
}

#[cfg(test)]
mod tests {
    use dockerutils_config::{Place, Unknown};

    use super::*;
    use crate::flags::RUN_SWITCHES;

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::plain).collect()
    }

    #[test]
    fn only_flags_that_are_unwanted_are_removed() {
        let all = words("--network a --net=b -d --label --network --network=c --network-alias x");
        let kept = without_flags(&all, &RUN_SWITCHES, |name, _| matches!(name, "network" | "net"));
        assert_eq!(kept, words("-d --label --network --network-alias x"));
    }

    #[test]
    fn the_right_spelling_has_the_key_as_it_is_written() {
        let value = |key: &str, text: &str| Value {
            key: key.to_owned(),
            text: text.to_owned(),
            place: Place { file: "f".to_owned(), line: 1 },
            unknown: Unknown::Refused,
        };
        let scope = Scope::new(&|_| None);
        let volumes = flag_words(&value("volumes_docked", "/a:/b"), &scope, flag_check::RUN).unwrap_err();
        assert!(volumes.to_string().ends_with("write `volumes_docked=-v /a:/b`"), "{volumes}");
        let network = network_name(&value("network_docked", "--net=x"), &scope, &[]).unwrap_err();
        assert!(network.to_string().ends_with("write `network_docked=x`"), "{network}");
    }

    #[test]
    fn lists_of_gpus_and_mounts_are_quoted() {
        for (flags, corrected) in [
            (["--gpus", "device=0,2"], ["--gpus", "\"device=0,2\""]),
            (["--rm", "--gpus=device=0,2"], ["--rm", "--gpus=\"device=0,2\""]),
            (["--mount", "type=bind,src=/a,b,dst=/x"], ["--mount", "type=bind,\"src=/a,b\",dst=/x"]),
            (["--label", "device=0,2"], ["--label", "device=0,2"]),
        ] {
            let words: Vec<Word> = flags.into_iter().map(Word::plain).collect();
            assert_eq!(correct(words).iter().map(Word::text).collect::<Vec<_>>(), corrected);
            assert_eq!(correct_texts(&flags.map(str::to_owned)), corrected);
        }
    }
}
