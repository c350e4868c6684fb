//! Formats of secrets that can be recognized without knowing the program that uses them.

use super::private_keys::has_private_key;

/// A format: what it begins with, how many characters of which kind follow, and its name.
struct Format {
    prefix: &'static str,
    length: usize,
    is_part: fn(u8) -> bool,
    /// Whether no more characters follow.
    is_fixed: bool,
    name: &'static str,
}

const fn format(prefix: &'static str, length: usize, is_part: fn(u8) -> bool, name: &'static str) -> Format {
    Format { prefix, length, is_part, is_fixed: false, name }
}

const fn of_aws(prefix: &'static str, name: &'static str) -> Format {
    Format { prefix, length: 16, is_part: is_upper, is_fixed: true, name }
}

/// The formats, as their makers document them.
const FORMATS: [Format; 20] = [
    of_aws("AKIA", "an access key of AWS"),
    of_aws("ASIA", "a temporary access key of AWS"),
    format("ghp_", 36, is_word, "a token of GitHub"),
    format("gho_", 36, is_word, "a token of GitHub"),
    format("ghs_", 36, is_word, "a token of GitHub"),
    format("ghu_", 36, is_word, "a token of GitHub"),
    format("ghr_", 36, is_word, "a token of GitHub"),
    format("github_pat_", 50, is_word, "a token of GitHub"),
    format("glpat-", 20, is_word, "a token of GitLab"),
    format("xoxb-", 20, is_word, "a token of Slack"),
    format("xoxp-", 20, is_word, "a token of Slack"),
    format("sk_live_", 24, is_word, "a key of Stripe"),
    format("rk_live_", 24, is_word, "a key of Stripe"),
    format("sk-ant-", 40, is_word, "a key of Anthropic"),
    format("sk-proj-", 40, is_word, "a key of OpenAI"),
    format("pypi-", 80, is_word, "a token of PyPI"),
    format("AIza", 35, is_word, "a key of Google"),
    format("hf_", 34, is_letter, "a token of Hugging Face"),
    format("npm_", 36, is_word, "a token of npm"),
    format("dckr_pat_", 27, is_word, "a token of Docker Hub"),
];

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Finds the first secret in a text: its line, counted from 1, and what it is.
pub(super) fn find_token(text: &[u8]) -> Option<(usize, &'static str)> {
    let mut rest = text;
    for number in 1.. {
        let line = rest.split(|byte| *byte == b'\n').next()?;
        rest = rest.get(line.len() + 1..).unwrap_or_default();
        if let Some(what) = token_in(line, rest) {
            return Some((number, what));
        }
        if rest.is_empty() {
            return None;
        }
    }
    None
}

/// Returns what the secret in a line is. `below` is the text below the line.
fn token_in(line: &[u8], below: &[u8]) -> Option<&'static str> {
    if has_private_key(line, below) {
        return Some("a private key");
    }
    FORMATS.iter().find(|format| has(line, format)).map(|format| format.name)
}

fn has(line: &[u8], format: &Format) -> bool {
    let prefix = format.prefix.as_bytes();
    let starts = (0..line.len()).filter(|at| line[*at..].starts_with(prefix));
    starts.into_iter().any(|at| {
        let rest = &line[at + prefix.len()..];
        let length = rest.iter().take_while(|byte| (format.is_part)(**byte)).count();
        // A longer word, or one in the middle of another, is something else. Documentation has keys that end in EXAMPLE.
        let is_whole = at == 0 || !is_word(line[at - 1]);
        let is_long = length == format.length || (length > format.length && !format.is_fixed);
        is_whole && is_long && !rest[..length].ends_with(b"EXAMPLE")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognized_by_their_format() {
        let with = |prefix: &str, length: usize| format!("x = \"{prefix}{}\"", "A1".repeat(length / 2));
        for (text, name) in [
            (format!("{}BEGIN OPENSSH PRIVATE KEY-----", "-".repeat(5)), "a private key"),
            (with("AKIA", 16), "an access key of AWS"),
            (with("ghp_", 36), "a token of GitHub"),
            (with("glpat-", 20), "a token of GitLab"),
            (with("dckr_pat_", 28), "a token of Docker Hub"),
            (format!("token: hf_{}", "a".repeat(34)), "a token of Hugging Face"),
            (with("sk-ant-api03-", 90), "a key of Anthropic"),
            (with("sk-proj-", 120), "a key of OpenAI"),
            (with("pypi-AgEIcHlwaS5vcmc", 150), "a token of PyPI"),
            (with("ghu_", 36), "a token of GitHub"),
            (with("ghr_", 76), "a token of GitHub"),
            (with("rk_live_", 24), "a key of Stripe"),
        ] {
            assert_eq!(find_token(format!("first\n{text}\n").as_bytes()), Some((2, name)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_secrets() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            format!("AKIA{}", "A".repeat(30)),
            format!("xAKIA{}", "A".repeat(16)),
            format!("ghp_{}", "a".repeat(10)),
            "-----BEGIN PUBLIC KEY-----".to_owned(),
            "sk-proj-a-name-in-an-example".to_owned(),
            "pypi-mirror: https://pypi-mirror.example.com/simple".to_owned(),
        ] {
            assert_eq!(find_token(text.as_bytes()), None, "{text}");
        }
    }
}
