//! Digests, which identify content by its bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// How many characters of a text that is not a digest an error shows.
const SHOWN: usize = 100;

/// A SHA-256 digest, written as `sha256:` and 64 hexadecimal digits in lower case.
///
/// The specification knows other algorithms too; docker uses this one only.
/// <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// Computes the digest of content that is not in memory as a whole.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

/// A text that is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a valid sha256 digest", .0.escape_debug())]
pub struct ParseDigestError(String);

impl Digest {
    /// Computes the digest of these bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// Parses the 64 hexadecimal digits, without the algorithm. `None` if they are not 64 digits in lower case.
    pub fn from_hex(hex: &str) -> Option<Self> {
        // `from_str_radix` alone would also accept upper case and a sign.
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if hex.len() != 64 || !hex.as_bytes().iter().all(is_hex) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(Digest(bytes))
    }

    /// Returns the 64 hexadecimal digits, without the algorithm.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Hasher {
    /// Adds more of the content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the digest of the content so far.
    pub fn digest(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let hex = text.strip_prefix("sha256:");
        hex.and_then(Digest::from_hex).ok_or_else(|| ParseDigestError(text.chars().take(SHOWN).collect()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    // The derived form would be a list of 32 numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_parsed_from_what_it_is_displayed_as() {
        let digest = Digest::of("");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.parse(), Ok(digest));
    }

    #[test]
    fn content_in_pieces_has_the_digest_of_the_whole() {
        let mut hasher = Hasher::default();
        ["a", "bc", ""].iter().for_each(|piece| hasher.update(piece.as_bytes()));
        assert_eq!(hasher.digest(), Digest::of("abc"));
    }

    #[test]
    fn any_other_text_is_refused() {
        let hex = Digest::of("").hex();
        for text in [
            hex.clone(),
            format!("sha512:{hex}"),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha256:{}", &hex[1..]),
            format!("sha256:{hex}0"),
            format!("sha256:+{}", &hex[1..]),
            format!("sha256:é{}", &hex[2..]),
            format!("sha256:{}/", &hex[1..]),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
