//! The host keys on the console of a new machine, as cloud-init prints them.

const BEGIN: &str = "-----BEGIN SSH HOST KEY KEYS-----";
const END: &str = "-----END SSH HOST KEY KEYS-----";

/// The largest number of keys, and of characters of a key.
const MAX_KEYS: usize = 16;
const MAX_KEY: usize = 4096;

/// Returns the host keys, each as `KIND KEY`; empty until the console has all of them.
pub(super) fn parse(console: &str) -> Vec<String> {
    let Some((_, after)) = console.rsplit_once(BEGIN) else { return Vec::new() };
    let Some((block, _)) = after.split_once(END) else { return Vec::new() };
    block.lines().filter_map(key).take(MAX_KEYS).collect()
}

/// Returns the key in a line, which may begin with a prefix of the log: `<14>Nov 27 02:00:01 ec2: ssh-ed25519 AAAA… root@ip`.
fn key(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip_while(|word| !is_kind(word));
    let (kind, key) = (words.next()?, words.next()?);
    let is_key = key.starts_with("AAAA")
        && key.len() <= MAX_KEY
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
    is_key.then(|| format!("{kind} {key}"))
}

fn is_kind(word: &str) -> bool {
    matches!(word, "ssh-ed25519" | "ssh-rsa") || word.strip_prefix("ecdsa-sha2-nistp").is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "[  12.0] cloud-init: booting\r\n\
        <14>Nov 27 02:00:01 ec2: -----BEGIN SSH HOST KEY FINGERPRINTS-----\r\n\
        <14>Nov 27 02:00:01 ec2: 256 SHA256:abc root@ip-10-0-0-1 (ED25519)\r\n\
        <14>Nov 27 02:00:01 ec2: -----END SSH HOST KEY FINGERPRINTS-----\r\n\
        -----BEGIN SSH HOST KEY KEYS-----\r\n\
        ecdsa-sha2-nistp256 AAAAE2VjZHNh+/= root@ip-10-0-0-1\r\n\
        <14>Nov 27 02:00:01 ec2: ssh-ed25519 AAAAC3NzaC1l\r\n\
        -----END SSH HOST KEY KEYS-----\r\n";

    #[test]
    fn keys_are_found_with_and_without_the_prefix_of_a_log() {
        assert_eq!(parse(CONSOLE), ["ecdsa-sha2-nistp256 AAAAE2VjZHNh+/=", "ssh-ed25519 AAAAC3NzaC1l"]);
    }

    #[test]
    fn a_console_that_is_not_complete_has_no_keys() {
        for end in [0, 40, 200, CONSOLE.len() - 20] {
            assert_eq!(parse(&CONSOLE[..end]), [""; 0], "{end}");
        }
    }

    #[test]
    fn nothing_else_can_get_into_known_hosts() {
        let hostile =
            format!("{BEGIN}\nssh-ed25519 AAAA$(x)\n* ssh-rsa\n@cert-authority AAAA\nssh-dss AAAA\n{END}");
        assert_eq!(parse(&hostile), [""; 0]);
    }
}
