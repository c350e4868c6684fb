//! The folders and files of a home in which programs keep keys and passwords.

use std::path::Path;

use crate::user::User;

/// What a sync leaves out of a project that contains the user's home, as patterns of an ignore file.
const SECRETS: [&str; 32] = [
    "**/.ssh",
    "**/.aws",
    "**/.gnupg",
    "**/.docker",
    "**/.azure",
    "**/.kube",
    "**/.config/gcloud",
    "**/.config/gh",
    "**/.config/rclone",
    "**/.git-credentials",
    "**/.netrc",
    "**/.npmrc",
    "**/.password-store",
    "**/.pgpass",
    "**/.pypirc",
    "**/.vault-token",
    "**/.local/share/keyrings",
    "**/.config/containers",
    "**/.config/pip",
    "**/.pip",
    "**/.cargo/credentials*",
    "**/.cache/huggingface/token",
    "**/.huggingface",
    "**/.kaggle",
    "**/.databrickscfg",
    "**/.boto",
    "**/.s3cfg",
    "**/.my.cnf",
    "**/.terraform.d",
    "**/.m2/settings.xml",
    "**/.gem/credentials",
    "**/.mozilla",
];

/// Returns the patterns of what must not leave this machine with the project at `root`: the user's secrets if the root is
/// the home folder or above it, and nothing otherwise.
pub(crate) fn secret_patterns(root: &Path) -> &'static [&'static str] {
    secret_patterns_with_home(root, Path::new(User::current().home.as_deref().unwrap_or("/")))
}

fn secret_patterns_with_home(root: &Path, home: &Path) -> &'static [&'static str] {
    let is_below = match (root.canonicalize(), home.canonicalize()) {
        (Ok(root), Ok(home)) => home.starts_with(root),
        _ => home.starts_with(root),
    };
    if is_below { &SECRETS } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_of_a_project_that_contains_the_home() {
        for (root, home, is_left_out) in [
            ("/nowhere/ada", "/nowhere/ada", true),
            ("/", "/nowhere/ada", true),
            ("/nowhere", "/nowhere/ada", true),
            ("/nowhere/ada/proj", "/nowhere/ada", false),
            ("/nowhere/ad", "/nowhere/ada", false),
        ] {
            let patterns = secret_patterns_with_home(Path::new(root), Path::new(home));
            for pattern in ["**/.ssh", "**/.cargo/credentials*", "**/.cache/huggingface/token"] {
                assert_eq!(patterns.contains(&pattern), is_left_out, "{pattern} {root} {home}");
            }
        }
    }
}
