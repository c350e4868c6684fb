//! A public key of this machine, for the machines that it creates.

use std::str::FromStr;

use crate::{Identity, Invalid};

/// The longest key that is taken, in characters; one of 16384 bits has 2800.
const MAX: usize = 8192;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: String,
    key: String,
    /// The file of the private key; `None` leaves the choice to ssh and its agent.
    pub identity: Option<Identity>,
}

impl PublicKey {
    /// Returns the key with the file of its private key.
    #[must_use]
    pub fn with_identity(self, identity: Option<Identity>) -> Self {
        PublicKey { identity, ..self }
    }

    /// Returns kind and key as EC2 imports them, without the comment, which is often an e-mail address.
    pub fn line(&self) -> String {
        format!("{} {}", self.kind, self.key)
    }

    /// Returns whether a line with a public key contains this one.
    pub fn is_in(&self, line: &str) -> bool {
        let mut words = line.split_whitespace();
        words.next() == Some(&self.kind) && words.next() == Some(&self.key)
    }
}

impl FromStr for PublicKey {
    type Err = Invalid;

    /// Parses a line `KIND KEY COMMENT` of a kind that EC2 takes.
    fn from_str(line: &str) -> Result<Self, Invalid> {
        let mut words = line.split_whitespace();
        let (kind, key) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        // The key repeats its kind after four bytes with the kind's length.
        let begins = match kind {
            "ssh-ed25519" => "AAAAC3NzaC1lZDI1NTE5",
            "ssh-rsa" => "AAAAB3NzaC1yc2E",
            _ => "-",
        };
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        if key.starts_with(begins) && key.len() > 60 && key.len() <= MAX && key.chars().all(is_base64) {
            return Ok(PublicKey { kind: kind.to_owned(), key: key.to_owned(), identity: None });
        }
        // The text may be a private key, and is not repeated.
        Err(Invalid {
            value: line.chars().take(12).collect::<String>() + "…",
            what: "public key for EC2",
            form: "write one line `ssh-ed25519 AAAA…` or `ssh-rsa AAAA…`, as in a file that ends in .pub",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGCq8FUgDb9DQSg9J6s0N4nDTyNSVyMPMVQTtxKDe9Zk ada@example.com";

    #[test]
    fn a_key_loses_its_comment_and_is_found_in_other_lines() {
        let key: PublicKey = ED25519.parse().unwrap();
        assert_eq!(key.line(), ED25519.trim_end_matches(" ada@example.com"));
        assert!(key.is_in(ED25519) && key.is_in(&key.line()) && !key.is_in("ssh-ed25519 AAAA"));
    }

    #[test]
    fn other_texts_are_refused_and_not_repeated() {
        let private = "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
        for line in
            ["", "ssh-ed25519", "ssh-dss AAAAB3NzaC1kc3M", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5$(x)", private]
        {
            let message = line.parse::<PublicKey>().unwrap_err().to_string();
            assert!(
                message.contains("is not a valid public key for EC2") && !message.contains("b3Blbn"),
                "{message}"
            );
        }
    }
}
