//! Usage errors: clap's message on one line, like every other error.

use clap::error::Error;

/// Returns the paragraphs of clap's message joined by `; `, without its label, its usage text and its hint at `--help`.
pub(crate) fn usage_error(refusal: &Error) -> String {
    let text = refusal.render().to_string();
    let paragraphs = text.split("\n\n").take_while(|paragraph| !paragraph.starts_with("Usage:"));
    let sentences: Vec<String> = paragraphs
        .filter(|paragraph| !paragraph.starts_with("For more information"))
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    let message = sentences.join("; ");
    format!("{} (see --help)", message.strip_prefix("error: ").unwrap_or(&message))
}
