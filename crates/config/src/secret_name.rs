//! Which variables hold secrets: by the last words of their names, or because their value is a URL with a password.

/// The last words of the names of secrets. A name may join them to the word before without a separator (`PGPASSWORD`).
const JOINED: [&str; 8] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "APIKEY"];

/// Further last words, which count only as whole words: COMPASS and FORMAT are no secrets.
const WHOLE: [&str; 8] = ["PASS", "PWD", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "PAT", "AUTH", "DSN"];

/// Variables of every shell that would count as secrets by their names.
const FOLDERS: [&str; 2] = ["PWD", "OLDPWD"];

/// Returns whether a variable with this name and value holds a secret. An empty value has nothing to hide.
///
/// `MAX_TOKENS`, `TOKEN_FILE` and `SSH_AUTH_SOCK` end in other words, so they hold none.
pub fn is_secret(name: &str, value: &str) -> bool {
    !value.is_empty() && (is_secret_name(name) || has_password(value))
}

/// Returns whether the name ends in one of the words.
pub fn is_secret_name(name: &str) -> bool {
    if FOLDERS.contains(&name) {
        return false;
    }
    let name = words(name);
    // GITHUB_TOKEN_2 is another GITHUB_TOKEN.
    let name = name.trim_end_matches(|c: char| c == '_' || c.is_ascii_digit());
    let is_whole =
        |word: &str| name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'));
    JOINED.iter().any(|word| name.ends_with(word)) || WHOLE.iter().any(|word| is_whole(word))
}

/// Returns whether the value is the absolute path of a file under a name that ends in CREDENTIAL or CREDENTIALS.
pub(crate) fn is_credentials_path(name: &str, value: &str) -> bool {
    let name = words(name);
    let is_path = value.starts_with('/') || value.starts_with("~/");
    is_path && !has_password(value) && (name.ends_with("CREDENTIAL") || name.ends_with("CREDENTIALS"))
}

/// Returns the name in upper case with `_` between its words, also if those are separated otherwise (`apiKey`, `db.password`).
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for c in name.chars() {
        if was_lower && c.is_ascii_uppercase() {
            words.push('_');
        }
        was_lower = c.is_ascii_lowercase();
        words.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    }
    words
}

/// Returns whether a text has a URL with a password: `scheme://user:password@host`.
pub fn has_password(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#', ' ', ',', ';', '"', '\'']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_end_in_a_word_for_a_secret_are_secrets() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "OPENAI_API_KEY",
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "DB_PASS",
            "SSH_PASSPHRASE",
            "GPG_PRIVATE_KEY",
            "GITHUB_PAT",
            "REDISCLI_AUTH",
            "SENTRY_DSN",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "github_token",
            "apiKey",
            "db.password",
            "npm-token",
            "API_TOKEN_2",
            "TOKEN",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_no_secrets() {
        for name in [
            "MAX_TOKENS",
            "TOKENIZERS_PARALLELISM",
            "TOKEN_FILE",
            "DB_PASSWORD_PATH",
            "SECRETS_DIR",
            "SSH_AUTH_SOCK",
            "AWS_ACCESS_KEY_ID",
            "AWS_REGION",
            "PWD",
            "OLDPWD",
            "COMPASS",
            "MONKEY_COMPASS",
            "BYPASS",
            "AUTHOR",
            "GIT_AUTHOR",
            "MAX_NEW_TOKENS",
            "maxTokens",
            "FORMAT",
            "SPAT",
            "OUTPUT_FORMAT",
            "PATH",
            "OAUTH_CLIENT",
            "KEY",
            "KEYBOARD",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_path_under_a_name_for_credentials_is_known() {
        assert!(is_credentials_path("GOOGLE_APPLICATION_CREDENTIALS", "/home/ada/key.json"));
        assert!(is_credentials_path("awsCredential", "~/.aws/credentials"));
        for (name, value) in [("CREDENTIALS", "hush"), ("API_TOKEN", "/hush"), ("CREDENTIALS", "~hush")] {
            assert!(!is_credentials_path(name, value), "{name} {value}");
        }
    }

    #[test]
    fn a_url_with_a_password_is_a_secret() {
        for value in [
            "postgres://app:hush@db:5432/app",
            "redis://:hush@cache",
            "https://x-access-token:hush@github.com/a/b.git",
            "http://u:p@ss@proxy:3128",
            "https://pypi.org/simple https://u:hush@pypi.example.com/simple",
        ] {
            assert!(is_secret("URL", value), "{value}");
        }
        for value in [
            "",
            "postgres://db:5432/app?email=a@b.c",
            "ssh://git@host:22/x",
            "redis://user:@cache",
            "a:b@c",
            "https://host/a:b@c",
        ] {
            assert!(!is_secret("URL", value), "{value}");
        }
    }
}
