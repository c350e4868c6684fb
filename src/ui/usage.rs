//! Usage errors: clap's message on one line, like every other error.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::stderr::program_name;

/// Returns the paragraphs of clap's message joined by `; `, without its label, its usage text and its hint at `--help`.
pub(crate) fn usage_error(refusal: &Error) -> String {
    let text = refusal.render().to_string();
    let paragraphs = text.split("\n\n").take_while(|paragraph| !paragraph.starts_with("Usage:"));
    let sentences: Vec<String> = paragraphs
        .filter(|paragraph| !paragraph.starts_with("For more information"))
        .map(|paragraph| {
            paragraph.lines().filter(|line| !is_tip_about_values(line)).collect::<Vec<_>>().join(" ")
        })
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    let tips = [tip_about_last(refusal, &text), tip_about_docker(refusal)];
    let message = sentences.into_iter().chain(tips.into_iter().flatten()).collect::<Vec<_>>().join("; ");
    format!("{} (see --help)", message.strip_prefix("error: ").unwrap_or(&message))
}

/// Returns the tip for a word too many, if the usage text has a place for further words after `--`.
fn tip_about_last(refusal: &Error, text: &str) -> Option<String> {
    let (_, last) = text.split_once("[-- <")?;
    let (name, _) = last.split_once('>')?;
    match refusal.get(ContextKind::InvalidArg)? {
        ContextValue::String(word) if !word.starts_with('-') && text.contains("unexpected argument") => {
            Some(format!("tip: write {name} after `--`"))
        }
        _ => None,
    }
}

/// Returns how a flag of docker is passed on, if an unknown one may be such a flag.
fn tip_about_docker(refusal: &Error) -> Option<String> {
    let Some(ContextValue::String(flag)) = refusal.get(ContextKind::InvalidArg) else { return None };
    let is_misspelled = refusal.get(ContextKind::SuggestedArg).is_some();
    if refusal.kind() != ErrorKind::UnknownArgument || is_misspelled || !flag.starts_with('-') {
        return None;
    }
    match program_name().as_str() {
        "run-image" | "run-notebook" => {
            Some("tip: a flag of `docker run` goes behind -a, as in -a '-p 8080:80'".to_owned())
        }
        "build-image" => Some(
            "tip: a flag of `docker build` goes behind --, as in build-image IMAGE -- --no-cache".to_owned(),
        ),
        _ => None,
    }
}

/// Parses the value of `--port`.
///
/// # Errors
/// Fails with what is expected.
pub(crate) fn parse_port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port > 0 && text.chars().all(|c| c.is_ascii_digit()));
    port.ok_or_else(|| "write a number from 1 to 65535".to_owned())
}

/// Refuses docker's `-it`, which would mean an image or a tag here.
///
/// # Errors
/// Fails if it is among the words of the command line.
pub(crate) fn refuse_terminal_flags(words: impl Iterator<Item = String>) -> crate::Result {
    let mut is_value = false;
    for word in words.take_while(|word| word != "--") {
        if !is_value && matches!(word.as_str(), "-it" | "-ti") {
            return Err(crate::Error::Usage(format!(
                "a terminal is attached by itself: leave `{word}` out (`--image-name t` and `--image-tag i` mean that image and \
                 that tag)"
            )));
        }
        is_value = matches!(word.as_str(), "-a" | "--args" | "-c" | "--command");
    }
    Ok(())
}

/// Returns whether a line is clap's advice to write a misspelled flag after `--`, where it would have another meaning.
fn is_tip_about_values(line: &str) -> bool {
    line.trim_start().starts_with("tip: to pass '-")
}
