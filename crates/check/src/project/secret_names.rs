//! Files that hold secrets, by their names.
//!
//! Folders such as `.docker` and `.aws` of a project often hold files of its own, so the files in them are named, too.

use std::path::Path;

const WHAT: &str = "a file of secrets";

/// Files in any folder.
const NAMES: [&str; 16] = [
    ".env",
    ".netrc",
    ".git-credentials",
    ".pgpass",
    ".pypirc",
    ".vault-token",
    ".boto",
    ".s3cfg",
    ".my.cnf",
    ".databrickscfg",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "kubeconfig",
    ".htpasswd",
];

/// Ends of paths.
const PATHS: [&str; 12] = [
    ".aws/credentials",
    ".azure/accessTokens.json",
    ".azure/msal_token_cache.bin",
    ".azure/msal_token_cache.json",
    ".azure/service_principal_entries.bin",
    ".azure/service_principal_entries.json",
    ".config/gcloud/access_tokens.db",
    ".config/gcloud/application_default_credentials.json",
    ".config/gcloud/credentials.db",
    ".docker/config.json",
    ".gnupg/secring.gpg",
    ".kube/config",
];

/// Folders every file of which is a secret.
const FOLDERS: [&str; 4] =
    [".aws/cli/cache", ".aws/sso/cache", ".config/gcloud/legacy_credentials", ".gnupg/private-keys-v1.d"];

/// Files in `.ssh` that hold no private key.
const PUBLIC: [&str; 4] = ["authorized_keys", "config", "known_hosts", "known_hosts.old"];

/// Ends of the names of key stores and private keys, which are not text.
const STORES: [&str; 3] = ["p12", "pfx", "ppk"];

/// Ends of the names of `.env` files that hold no values.
const TEMPLATES: [&str; 5] = ["example", "sample", "template", "dist", "test"];

/// Returns what a file holds, if its path in the project names a secret.
pub(super) fn secret_by_name(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let is_env =
        name.strip_prefix(".env.").is_some_and(|rest| !TEMPLATES.iter().any(|end| rest.ends_with(end)));
    let is_of_ssh = folder.file_name().is_some_and(|folder| folder == ".ssh")
        && !PUBLIC.contains(&name)
        && !has_end(path, &["pub"]);
    let is_in_folder = || folder.ancestors().any(|above| FOLDERS.iter().any(|known| above.ends_with(known)));
    if is_env
        || is_of_ssh
        || NAMES.contains(&name)
        || PATHS.iter().any(|end| path.ends_with(end))
        || is_in_folder()
    {
        return Some(WHAT);
    }
    has_end(path, &STORES).then_some("a store of keys")
}

fn has_end(path: &Path, ends: &[&str]) -> bool {
    path.extension().is_some_and(|end| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_secrets_are_known_by_their_names() {
        for path in [
            ".env",
            "app/.env.production",
            "home/.aws/credentials",
            ".aws/sso/cache/0123.json",
            ".config/gcloud/application_default_credentials.json",
            ".config/gcloud/legacy_credentials/ada@example.com/adc.json",
            ".docker/config.json",
            ".gnupg/private-keys-v1.d/0123.key",
            ".kube/config",
            ".ssh/id_work",
            ".ssh/deploy.pem",
            "certs/server.p12",
            "certs/SERVER.PFX",
            "putty.ppk",
        ] {
            assert!(secret_by_name(Path::new(path)).is_some(), "{path}");
        }
    }

    #[test]
    fn other_files_of_the_same_folders_are_no_secrets() {
        for path in [
            ".env.example",
            ".aws/config",
            ".aws/task-definition.json",
            ".config/gcloud/active_config",
            ".docker/Dockerfile",
            ".docker/nginx/default.conf",
            ".gnupg/pubring.kbx",
            ".kube/cache/servergroups.json",
            ".ssh/config",
            ".ssh/id_ed25519.pub",
            ".ssh/known_hosts",
            "config.json",
            "p12",
        ] {
            assert_eq!(secret_by_name(Path::new(path)), None, "{path}");
        }
    }
}
