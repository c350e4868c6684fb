//! clap's refusals, told like every other error: on one line.

use clap::error::Error;

/// The first paragraph of what clap would print, without its label and its usage text.
pub(crate) fn sentence(refusal: &Error) -> String {
    let text = refusal.render().to_string();
    let paragraphs = text.split("\n\n").take_while(|paragraph| !paragraph.starts_with("Usage:"));
    let told: Vec<String> = paragraphs
        .filter(|paragraph| !paragraph.starts_with("For more information"))
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    let told = told.join("; ");
    format!("{} (--help tells more)", told.strip_prefix("error: ").unwrap_or(&told))
}
