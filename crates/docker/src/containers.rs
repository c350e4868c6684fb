//! Containers, found by their labels or names.

use std::collections::BTreeMap;

use dockerutils_command::Command;
use serde::Deserialize;

use crate::error::Error;
use crate::ports::PublishedPort;

/// What docker knows of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedContainer {
    /// Its name.
    pub name: String,
    /// The name of its image, as it was given to `docker run`.
    pub image: String,
    /// Whether it has been started and has not ended.
    pub is_running: bool,
    /// Whether its network is that of the engine's machine.
    pub has_host_network: bool,
    /// The host sides of its bind mounts.
    pub mounts: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The TCP ports of the container that are open on the engine's machine, each once.
    pub ports: Vec<(u16, PublishedPort)>,
    /// `NAME=VALUE` each.
    environment: Vec<String>,
}

impl InspectedContainer {
    /// Returns where a TCP port of the container is open on the engine's machine.
    pub fn published(&self, port: u16) -> Option<&PublishedPort> {
        self.ports.iter().find(|(container, _)| *container == port).map(|(_, published)| published)
    }

    /// Returns the value of a variable of the container.
    pub fn variable(&self, name: &str) -> Option<&str> {
        // Docker keeps the last one of several.
        let value = |entry: &'_ String| entry.split_once('=').is_some_and(|(other, _)| other == name);
        self.environment.iter().rev().find(|entry| value(entry))?.split_once('=').map(|(_, value)| value)
    }
}

/// Returns the command that prints the ids of the running containers that have all of these labels, `NAME` or `NAME=VALUE`.
pub fn list_containers(labels: &[String]) -> Command {
    let filters = labels.iter().flat_map(|label| ["--filter".to_owned(), format!("label={label}")]);
    Command::new("docker").args(["container", "ls", "--quiet"]).args(filters)
}

/// Returns the command that inspects containers by name or ID, whose output [`InspectedContainer::parse_list`] reads.
pub fn inspect_containers(ids: &[String]) -> Command {
    Command::new("docker").args(["container", "inspect"]).args(ids)
}

impl InspectedContainer {
    /// Parses the output of [`inspect_containers`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse_list(output: &[u8]) -> Result<Vec<Self>, Error> {
        let inspected: Vec<Inspected> = serde_json::from_slice(output)?;
        Ok(inspected.into_iter().map(InspectedContainer::from).collect())
    }
}

/// Returns whether docker reported that a container does not exist, as when one ends between two calls.
pub fn is_no_such_container(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).to_lowercase().contains("no such container")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    name: String,
    state: State,
    config: Config,
    #[serde(default)]
    host_config: HostConfig,
    #[serde(default)]
    mounts: Vec<Mount>,
    network_settings: NetworkSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    env: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    running: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    #[serde(default)]
    network_mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mount {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    /// `null` for a port that is exposed and not published.
    #[serde(default)]
    ports: Option<BTreeMap<String, Option<Vec<Binding>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    host_ip: String,
    host_port: String,
}

impl From<Inspected> for InspectedContainer {
    fn from(inspected: Inspected) -> Self {
        let Inspected { name, state, config, host_config, mounts, network_settings } = inspected;
        let ports = network_settings.ports.into_iter().flatten();
        InspectedContainer {
            name: name.trim_start_matches('/').to_owned(),
            image: config.image,
            is_running: state.running,
            has_host_network: host_config.network_mode == "host",
            mounts: mounts
                .into_iter()
                .filter(|mount| mount.r#type == "bind")
                .map(|mount| mount.source)
                .collect(),
            labels: config.labels.unwrap_or_default(),
            environment: config.env.unwrap_or_default(),
            ports: ports.filter_map(|(port, bindings)| published(&port, &bindings?)).collect(),
        }
    }
}

fn published(port: &str, bindings: &[Binding]) -> Option<(u16, PublishedPort)> {
    let container = port.strip_suffix("/tcp")?.parse().ok()?;
    // The second one is that of IPv6.
    let Binding { host_ip, host_port } = bindings.first()?;
    let address = (!matches!(host_ip.as_str(), "" | "0.0.0.0" | "::")).then(|| host_ip.clone());
    Some((container, PublishedPort { address, port: host_port.parse().ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_prints_about_a_container_is_parsed() {
        let output = br#"[{"Id": "0a", "Name": "/ada_notebook_x", "State": {"Running": true},
            "HostConfig": {"NetworkMode": "host"}, "Mounts": [{"Type": "bind", "Source": "/p", "Destination": "/w"},
                {"Type": "volume", "Name": "cache", "Source": "/var/lib/x", "Destination": "/c"}],
            "Config": {"Image": "proj-notebook:ada", "Labels": {"dockerutils.notebook": "/p"},
                "Env": ["JUPYTER_TOKEN=old", "PATH=/bin", "JUPYTER_TOKEN=a=b"]},
            "NetworkSettings": {"Ports": {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8889"}],
                "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "81"}, {"HostIp": "::", "HostPort": "81"}],
                "53/udp": [{"HostIp": "", "HostPort": "53"}], "9999/tcp": null}}}]"#;
        let container = InspectedContainer::parse_list(output).unwrap().remove(0);
        let port = |address: Option<&str>, port| PublishedPort { address: address.map(str::to_owned), port };
        assert_eq!(
            (container.name.as_str(), container.image.as_str()),
            ("ada_notebook_x", "proj-notebook:ada")
        );
        assert_eq!(container.ports, [(80, port(None, 81)), (8888, port(Some("127.0.0.1"), 8889))]);
        assert_eq!((container.is_running, container.has_host_network), (true, true));
        assert_eq!(container.mounts, ["/p"]);
        assert_eq!(container.variable("JUPYTER_TOKEN"), Some("a=b"));
        assert_eq!(container.variable("TOKEN"), None);
        assert_eq!(container.labels["dockerutils.notebook"], "/p");
    }
}
