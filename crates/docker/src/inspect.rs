//! `docker image inspect`.

use std::collections::BTreeMap;

use dockerutils_command::{Command, TimedOutput};
use dockerutils_oci::{Digest, Reference};
use serde::Deserialize;

use crate::error::Error;

/// An image of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InspectedImage {
    /// The ID, as the engine prints it.
    #[serde(default, rename = "Id")]
    pub id: String,
    /// The size in bytes, including the layers that it shares with other images.
    #[serde(rename = "Size")]
    pub size: u64,
    /// The names and digests of the image in registries: `repo@sha256:…`.
    #[serde(default, rename = "RepoDigests")]
    repo_digests: Option<Vec<String>>,
    #[serde(default, rename = "Config")]
    config: Option<ImageConfig>,
}

/// How containers of an image run by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct ImageConfig {
    #[serde(default, rename = "User")]
    user: String,
    /// `NAME=VALUE` each.
    #[serde(default, rename = "Env")]
    env: Option<Vec<String>>,
    /// The keys are ports: `8888/tcp`.
    #[serde(default, rename = "ExposedPorts")]
    exposed_ports: Option<BTreeMap<String, Empty>>,
}

/// `{}`, the value of each exposed port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Empty {}

impl InspectedImage {
    /// Returns whether containers run as root unless a flag names another user.
    pub fn runs_as_root(&self) -> bool {
        let user =
            self.config.as_ref().map_or("", |config| config.user.split(':').next().unwrap_or_default());
        matches!(user, "" | "0" | "root")
    }

    /// Returns the TCP ports that the image exposes.
    pub fn exposed_ports(&self) -> Vec<u16> {
        let ports =
            self.config.iter().filter_map(|config| config.exposed_ports.as_ref()).flat_map(BTreeMap::keys);
        ports.filter_map(|port| port.strip_suffix("/tcp")?.parse().ok()).collect()
    }

    /// Returns the value of a variable that the image sets.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let mut variables = self.config.iter().filter_map(|config| config.env.as_ref()).flatten();
        variables.find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns the digests that the image has, or had, in a repository.
    pub fn digests(&self, repository: &Reference) -> Vec<Digest> {
        let names = self.repo_digests.iter().flatten().filter_map(|name| Reference::parse(name).ok());
        let is_same = |name: &Reference| {
            name.registry() == repository.registry() && name.repository() == repository.repository()
        };
        names.filter(is_same).filter_map(|name| name.digest()).collect()
    }
}

/// Returns the command that inspects an image.
pub fn inspect(image: &Reference) -> Command {
    Command::new("docker").args(["image".to_owned(), "inspect".to_owned(), image.to_string()])
}

/// Returns the command that prints the IDs of these images, a line each. It fails if one of them does not exist, after it has
/// printed those of the others.
pub fn inspect_ids(images: &[Reference]) -> Command {
    let names = images.iter().map(ToString::to_string);
    Command::new("docker").args(["image", "inspect", "--format", "{{.Id}}"]).args(names)
}

/// Parses the output of a successful [`inspect`].
///
/// # Errors
/// Fails if the output is not in the documented format.
pub fn parse_inspected(output: &TimedOutput) -> Result<Option<InspectedImage>, Error> {
    Ok(serde_json::from_slice::<Vec<InspectedImage>>(&output.stdout)?.pop())
}

/// Returns whether the engine reported that it does not have the image.
pub fn is_no_such_image(output: &TimedOutput) -> bool {
    // Docker 20.10 writes "No such image", later versions "no such image".
    String::from_utf8_lossy(&output.stderr).to_lowercase().contains("no such image")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(config: &str) -> InspectedImage {
        serde_json::from_str(&format!(r#"{{"Id": "x", "Size": 1, "Config": {config}}}"#)).unwrap()
    }

    #[test]
    fn the_user_and_the_exposed_ports_are_read() {
        let jovyan = image(r#"{"User": "1000:100", "ExposedPorts": {"8888/tcp": {}, "53/udp": {}}}"#);
        assert_eq!((jovyan.runs_as_root(), jovyan.exposed_ports()), (false, vec![8888]));
        for config in ["null", "{}", r#"{"User": "root:x", "ExposedPorts": null}"#, r#"{"User": "0"}"#] {
            assert_eq!(
                (image(config).runs_as_root(), image(config).exposed_ports()),
                (true, vec![]),
                "{config}"
            );
        }
    }
}
