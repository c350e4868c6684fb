//! What a caller of `docker run` adds to an image's configuration: flags that come before it, and a port in place of its own.

use dockerutils_command::Command;
use dockerutils_config::Word;

use crate::mounts::{RedirectedMount, redirect};
use crate::ports::PortMapping;
use crate::run_options::RunOptions;

/// Adds the flags that the configuration takes precedence over.
pub(crate) fn add_defaults(
    command: Command,
    options: &RunOptions,
    redirected: &mut Vec<RedirectedMount>,
) -> Command {
    let Some(workspace) = &options.workspace else { return command.args(&options.defaults) };
    let words = options.defaults.iter().map(Word::plain).collect();
    command.args(redirect(words, workspace, redirected).iter().map(Word::text))
}

/// Returns whether a flag publishes a port that the options publish in another way.
pub(crate) fn is_published_otherwise(options: &RunOptions, name: &str, value: &str) -> bool {
    let mapping = || PortMapping::parse(value).map(|mapping| mapping.container);
    matches!(name, "p" | "publish")
        && options.published.is_some_and(|published| mapping() == Some(published.container))
}
