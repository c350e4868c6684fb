//! Private keys in PEM, as files of their own and in JSON, YAML and `.env` files.
//!
//! Programs and pages name the first line of such a key, too, so what follows the line decides.
//! <https://www.rfc-editor.org/rfc/rfc7468>

const BEGIN: &[u8] = b"-----BEGIN ";

const END: &[u8] = b"-----";

/// How many characters of a key have to follow.
const LEAST: usize = 16;

/// Returns whether a private key begins in a line. `below` is the text below the line.
pub(super) fn has_private_key(line: &[u8], below: &[u8]) -> bool {
    let begins = (0..line.len()).filter(|at| line[*at..].starts_with(BEGIN));
    begins.into_iter().any(|at| {
        let label = &line[at + BEGIN.len()..];
        let Some(length) = label.windows(END.len()).position(|part| part == END) else { return false };
        let after = &label[length + END.len()..];
        is_private(&label[..length]) && (at == 0 && is_blank(after) || is_key(after, below))
    })
}

/// Returns whether a label such as `RSA PRIVATE KEY` or `PGP PRIVATE KEY BLOCK` is that of a private key.
fn is_private(label: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
    let label = label.strip_suffix(b" BLOCK").unwrap_or(label);
    label.iter().all(is_word) && label.ends_with(b"PRIVATE KEY")
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_whitespace)
}

/// Returns whether the characters of a key follow, on the same line after an escaped line feed, or on a line below.
fn is_key(after: &[u8], below: &[u8]) -> bool {
    let escaped = [&b"\\r\\n"[..], b"\\n", b"\\\\n"].iter().find_map(|feed| after.strip_prefix(*feed));
    let key = match escaped {
        Some(key) => key,
        None if is_blank(after) => below.trim_ascii_start(),
        None => return false,
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    // A key with a passphrase in the old format begins with a header.
    key.starts_with(b"Proc-Type:") || key.iter().take_while(|byte| is_part(byte)).count() >= LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";

    fn is_found(text: &str) -> bool {
        let (line, below) = text.split_once('\n').unwrap_or((text, ""));
        has_private_key(line.as_bytes(), below.as_bytes())
    }

    #[test]
    fn a_private_key_is_found_in_every_kind_of_file() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----".to_owned(),
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\r".to_owned(),
            format!("  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{KEY}\\n"),
            format!("    -----BEGIN EC PRIVATE KEY-----\n    {KEY}\n"),
            format!("KEY=\"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n"),
            "  -----BEGIN RSA PRIVATE KEY-----\n  Proc-Type: 4,ENCRYPTED\n".to_owned(),
        ] {
            assert!(is_found(&text), "{text}");
        }
    }

    #[test]
    fn a_text_about_private_keys_is_none() {
        for text in [
            "-----BEGIN PUBLIC KEY-----".to_owned(),
            format!("-----BEGIN CERTIFICATE-----\n{KEY}"),
            "if \"-----BEGIN RSA PRIVATE KEY-----\" in key".to_owned(),
            "a file that begins with -----BEGIN RSA PRIVATE KEY-----\nis a key".to_owned(),
            "key = \"-----BEGIN PRIVATE KEY-----\\n...\"".to_owned(),
            "-----BEGIN .* PRIVATE KEY-----".to_owned(),
        ] {
            assert!(!is_found(&text), "{text}");
        }
    }
}
