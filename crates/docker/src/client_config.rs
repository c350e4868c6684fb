//! Reads docker's own configuration: the current context, and for which registries there is a login.
//!
//! Passwords are not read. <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::collections::BTreeMap;
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use dockerutils_oci::Registry;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The key under which docker stores the login for Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// The name of the configuration.
const FILE: &str = "config.json";

/// The key for the helpers of single registries.
const OF_HOSTS: &str = "credHelpers";

/// The key for the helper of all other registries.
const OF_OTHERS: &str = "credsStore";

/// The credential store that logs in to ECR by itself and stores no login.
const ECR_HELPER: &str = "ecr-login";

/// The content of docker's `config.json`.
#[derive(Debug, Default, Deserialize)]
pub struct ClientConfig {
    #[serde(rename = "currentContext")]
    pub(crate) current_context: Option<String>,
    #[serde(default)]
    auths: BTreeMap<String, IgnoredAny>,
    #[serde(default, rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

/// Docker's configuration cannot be read, or is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct InvalidClientConfig {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

/// A credential helper that docker's configuration names, and that is not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingHelper {
    /// The key of the configuration.
    pub key: &'static str,
    /// The program.
    pub program: String,
}

impl ClientConfig {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is not valid.
    pub fn read_strictly() -> Result<Self, InvalidClientConfig> {
        folder().map_or_else(|| Ok(ClientConfig::default()), |folder| ClientConfig::read_in(&folder))
    }

    /// Reads the configuration. Returns `None` if it is not valid, which docker reports itself.
    pub fn read() -> Option<Self> {
        ClientConfig::read_strictly().ok()
    }

    pub(crate) fn read_in(folder: &Path) -> Result<Self, InvalidClientConfig> {
        let file = folder.join(FILE);
        let parsed = match dockerutils_file::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(ClientConfig::default()),
            Err(error) => Err(error.to_string()),
        };
        parsed.map_err(|problem| InvalidClientConfig { file, problem })
    }

    /// Returns the credential helper that logs in to this host by itself, if there is one.
    pub fn helper(&self, host: &str) -> Option<&str> {
        let of_host = self.helpers.get(host).map(String::as_str);
        of_host.or_else(|| self.store.as_deref().filter(|store| *store == ECR_HELPER))
    }

    /// Returns the credential helper that docker would run for a registry and that is not on PATH.
    pub fn missing_helper(&self, registry: &Registry) -> Option<MissingHelper> {
        match self.helpers.get(&login_key(registry)) {
            Some(helper) => missing_helper(OF_HOSTS, helper),
            None => missing_helper(OF_OTHERS, self.store.as_ref()?),
        }
    }

    /// Returns all credential helpers that the configuration names and that are not on PATH.
    pub fn missing_helpers(&self) -> Vec<MissingHelper> {
        let of_hosts = self.helpers.values().map(|helper| (OF_HOSTS, helper));
        let all = self.store.iter().map(|store| (OF_OTHERS, store)).chain(of_hosts);
        let mut missing: Vec<MissingHelper> =
            all.filter_map(|(key, helper)| missing_helper(key, helper)).collect();
        missing.dedup();
        missing
    }

    /// Returns whether there certainly is no login for a registry. A credential helper or store may have one.
    pub fn has_no_login(&self, registry: &Registry) -> bool {
        let host = login_key(registry);
        let is_stored = self.auths.keys().any(|key| host_of(key) == host_of(&host));
        // A credential store may have a login that this file does not list.
        !is_stored
            && self.store.is_none()
            && self.helper(host_of(&host)).is_none()
            && !self.helpers.contains_key(&host)
    }
}

/// Returns the helper with this name, which a key of the configuration names, if it is not on PATH.
fn missing_helper(key: &'static str, name: &str) -> Option<MissingHelper> {
    let program = format!("docker-credential-{name}");
    let path = env::var_os("PATH").unwrap_or_default();
    let is_installed = env::split_paths(&path).any(|folder| folder.join(&program).is_file());
    (!name.is_empty() && !is_installed).then_some(MissingHelper { key, program })
}

/// Returns the key under which docker keeps the login for a registry.
fn login_key(registry: &Registry) -> String {
    match registry {
        Registry::Hub => HUB.to_owned(),
        other => other.to_string(),
    }
}

/// Returns the folder of docker's own configuration.
pub(crate) fn folder() -> Option<PathBuf> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let own = variable("DOCKER_CONFIG").map(PathBuf::from);
    own.or_else(|| variable("HOME").map(|home| Path::new(&home).join(".docker")))
}

/// Returns the host of a key: docker stores logins under hosts and under URLs.
fn host_of(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> ClientConfig {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_login_is_found_under_a_host_or_a_url() {
        let host = Registry::Host("registry.example.com:5000".to_owned());
        for key in ["registry.example.com:5000", "https://registry.example.com:5000/v1/"] {
            assert!(!config(&format!(r#"{{"auths":{{"{key}":{{}}}}}}"#)).has_no_login(&host), "{key}");
        }
        assert!(config(r#"{"auths":{"registry.example.com":{}}}"#).has_no_login(&host));
        assert!(config("{}").has_no_login(&Registry::Hub));
        assert!(!config(&format!(r#"{{"auths":{{"{HUB}":{{"auth":"x"}}}}}}"#)).has_no_login(&Registry::Hub));
    }

    #[test]
    fn a_helper_or_a_store_may_have_a_login() {
        let host = Registry::Host("ghcr.io".to_owned());
        assert!(!config(r#"{"credsStore":"desktop"}"#).has_no_login(&host));
        assert!(!config(r#"{"credHelpers":{"ghcr.io":"pass"}}"#).has_no_login(&host));
        assert!(config(r#"{"credHelpers":{"quay.io":"pass"}}"#).has_no_login(&host));
    }

    #[test]
    fn a_helper_that_is_not_on_path_is_found_by_the_keys_that_docker_uses() {
        let missing =
            |json: &str, registry| config(json).missing_helper(&registry).map(|missing| missing.key);
        let host = || Registry::Host("ghcr.io".to_owned());
        assert_eq!(missing(r#"{"credsStore":"no-such"}"#, Registry::Hub), Some("credsStore"));
        assert_eq!(missing(r#"{"credHelpers":{"ghcr.io":"no-such"}}"#, host()), Some("credHelpers"));
        assert_eq!(missing(r#"{"credHelpers":{"ghcr.io":"no-such"}}"#, Registry::Hub), None);
        assert_eq!(
            missing(&format!(r#"{{"credHelpers":{{"{HUB}":"x-y"}}}}"#), Registry::Hub),
            Some("credHelpers")
        );
        assert_eq!(missing(r#"{"credsStore":""}"#, host()), None);
    }

    #[test]
    fn the_helper_of_a_host_is_found() {
        let named = config(r#"{"credHelpers":{"a":"ecr-login"},"credsStore":"desktop"}"#);
        assert_eq!((named.helper("a"), named.helper("b")), (Some("ecr-login"), None));
        assert_eq!(config(r#"{"credsStore":"ecr-login"}"#).helper("b"), Some("ecr-login"));
    }

    #[test]
    fn a_missing_configuration_is_empty_and_a_broken_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ClientConfig::read_in(folder.path()).is_ok());
        std::fs::write(folder.path().join("config.json"), "{").unwrap();
        assert!(ClientConfig::read_in(folder.path()).is_err());
    }
}
