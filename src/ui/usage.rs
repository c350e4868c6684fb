//! Usage errors: clap's message on one line, like every other error.

use clap::error::{ContextKind, ContextValue, Error};

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
    let message = sentences.into_iter().chain(tip_about_last(refusal, &text)).collect::<Vec<_>>().join("; ");
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

/// Returns whether a line is clap's advice to write a misspelled flag after `--`, where it would have another meaning.
fn is_tip_about_values(line: &str) -> bool {
    line.trim_start().starts_with("tip: to pass '-")
}
