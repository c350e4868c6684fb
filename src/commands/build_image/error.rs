//! The error of the scripts around a build.

use dockerutils_command as command;
use dockerutils_config::Place;

/// The failure of a `pre_build_script` or `post_build_script`.
#[derive(Debug, thiserror::Error)]
#[error("{place}: `{key}` {source}")]
pub(crate) struct ScriptError {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) source: command::Error,
}
