//! Platforms, which name the system and the processor that an image runs on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// More than any operating system or architecture that Go, and so docker, has a name for.
const MAX_LENGTH: usize = 64;

/// An operating system, an architecture and perhaps a variant of it, in Go's words for them.
///
/// <https://github.com/opencontainers/image-spec/blob/main/config.md#properties>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Platform {
    /// The operating system, for example `linux`.
    pub os: String,
    /// The architecture, for example `amd64`.
    pub architecture: String,
    /// The variant of the architecture, for example `v7` of `arm`. `None` for the usual one, such as `v8` of `arm64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// A platform that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlatform {
    /// A word of it has other characters than names of systems and architectures have.
    #[error("`{}` is not a valid operating system, architecture or variant", .0.escape_debug())]
    Word(String),
    /// The text has another form.
    #[error("expected OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64")]
    Form,
}

#[derive(Deserialize)]
struct Unchecked {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// Creates the platform of an engine, which has no variant.
    pub fn new(os: impl Into<String>, architecture: impl Into<String>) -> Self {
        Platform { os: os.into(), architecture: architecture.into(), variant: None }
    }

    /// Returns whether the operating system and the architecture are those of the other platform.
    pub fn is_same_machine(&self, other: &Platform) -> bool {
        (&self.os, &self.architecture) == (&other.os, &other.architecture)
    }
}

impl TryFrom<Unchecked> for Platform {
    type Error = InvalidPlatform;

    fn try_from(Unchecked { os, architecture, variant }: Unchecked) -> Result<Self, InvalidPlatform> {
        for word in [Some(&os), Some(&architecture), variant.as_ref()].into_iter().flatten() {
            if !is_word(word) {
                return Err(InvalidPlatform::Word(word.chars().take(MAX_LENGTH).collect()));
            }
        }
        let variant = variant.filter(|variant| !is_usual(&architecture, variant));
        Ok(Platform { os, architecture, variant })
    }
}

impl FromStr for Platform {
    type Err = InvalidPlatform;

    fn from_str(text: &str) -> Result<Self, InvalidPlatform> {
        let words: Vec<String> = text.split('/').map(str::to_owned).collect();
        let (os, architecture, variant) = match words.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant.clone())),
            _ => return Err(InvalidPlatform::Form),
        };
        if words.iter().any(String::is_empty) {
            return Err(InvalidPlatform::Form);
        }
        Unchecked { os: os.clone(), architecture: architecture.clone(), variant }.try_into()
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

/// Returns whether a variant is the one that is meant if none is named. Containerd leaves it out in the same cases.
fn is_usual(architecture: &str, variant: &str) -> bool {
    matches!((architecture, variant), (_, "") | ("arm64", "8" | "v8") | ("amd64", "v1"))
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
        for (text, shown) in [
            ("linux/arm/v7", "linux/arm/v7"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
        ] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_text_of_another_form_is_refused() {
        for text in
            ["", "arm64", "linux/", "/arm64", "linux//v7", "linux/arm/v7/x", "linux/arm64,linux/amd64"]
        {
            let error = text.parse::<Platform>().unwrap_err();
            assert!(matches!(error, InvalidPlatform::Form | InvalidPlatform::Word(_)), "{text}: {error}");
        }
    }

    #[test]
    fn a_word_that_could_steer_a_terminal_is_refused() {
        for os in ["\u{1b}[31m", "linux\n", "a b", &"x".repeat(65)] {
            let message = parse(os).unwrap_err().to_string();
            assert!(message.contains("is not a valid") && !message.contains(char::is_control), "{message}");
        }
    }
}
