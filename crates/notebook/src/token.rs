//! The secret that a Jupyter server accepts.

use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};

/// How many random bytes a token has: as many as Jupyter's own.
const BYTES: usize = 24;

/// The secret that a Jupyter server accepts.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

impl Token {
    /// The variable from which Jupyter reads it. <https://jupyter-server.readthedocs.io/en/latest/operators/security.html>
    pub const VARIABLE: &str = "JUPYTER_TOKEN";

    /// Generates a token from the system's randomness, as hexadecimal digits.
    ///
    /// # Errors
    /// Fails if the system has no randomness to give.
    pub fn generate() -> std::io::Result<Self> {
        Ok(Token(random_hex(BYTES)?.into()))
    }

    /// Wraps a token that a user has chosen, or that a container has.
    pub fn new(text: impl Into<String>) -> Self {
        Token(text.into().into())
    }

    /// Returns the secret for a variable of a child process.
    pub fn secret(&self) -> SecretString {
        self.0.clone()
    }

    pub(crate) fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Returns random bytes as hexadecimal digits, two for each.
///
/// # Errors
/// Fails if the system has no randomness to give.
pub(crate) fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(std::io::Error::from)?;
    let mut text = String::with_capacity(2 * bytes);
    for byte in random {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_hexadecimal_and_differ() {
        let (first, second) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert!(first.text().len() == 48 && first.text().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(first.text(), second.text());
    }

    #[test]
    fn debug_output_does_not_contain_the_token() {
        assert!(!format!("{:?}", Token::new("hush")).contains("hush"));
    }
}
