//! Platforms, which name the system and the processor that an image runs on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// More than any operating system or architecture that Go, and so docker, has a name for.
const MAX_LENGTH: usize = 64;

/// An operating system and an architecture, in Go's words for them.
///
/// <https://github.com/opencontainers/image-spec/blob/main/config.md#properties>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Platform {
    /// The operating system, for example `linux`.
    pub os: String,
    /// The architecture, for example `amd64`.
    pub architecture: String,
}

/// A name of an operating system or an architecture that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a valid operating system or architecture", .0.escape_debug())]
pub struct InvalidPlatform(String);

#[derive(Deserialize)]
struct Unchecked {
    os: String,
    architecture: String,
}

impl TryFrom<Unchecked> for Platform {
    type Error = InvalidPlatform;

    fn try_from(Unchecked { os, architecture }: Unchecked) -> Result<Self, InvalidPlatform> {
        for word in [&os, &architecture] {
            if !is_word(word) {
                return Err(InvalidPlatform(word.chars().take(MAX_LENGTH).collect()));
            }
        }
        Ok(Platform { os, architecture })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// Returns whether a word can be printed to a terminal as it is: the configuration of an image may come from anywhere.
fn is_word(word: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    word.len() <= MAX_LENGTH && word.bytes().all(is_legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(os: &str) -> Result<Platform, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "os": os, "architecture": "amd64" }))
    }

    #[test]
    fn a_platform_is_shown_as_docker_shows_it() {
        assert_eq!(parse("linux").unwrap().to_string(), "linux/amd64");
    }

    #[test]
    fn a_word_that_could_steer_a_terminal_is_refused() {
        for os in ["\u{1b}[31m", "linux\n", "a b", &"x".repeat(65)] {
            let message = parse(os).unwrap_err().to_string();
            assert!(message.contains("is not a valid") && !message.contains(char::is_control), "{message}");
        }
    }
}
