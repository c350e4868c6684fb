//! What `docker info`, `docker version` and `docker system df` print as JSON.
//!
//! Docker 20.10 prints fewer fields than later ones, and without an engine almost none, so every field may be missing.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// The output of `docker info --format '{{json .}}'`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Info {
    /// Empty if the engine cannot be reached.
    pub server_version: String,
    pub(crate) name: String,
    pub(crate) driver: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) driver_status: Vec<Vec<String>>,
    pub(crate) docker_root_dir: String,
    pub(crate) operating_system: String,
    #[serde(rename = "OSType")]
    pub(crate) os_type: String,
    pub(crate) architecture: String,
    pub(crate) mem_total: u64,
    pub(crate) memory_limit: bool,
    pub(crate) cgroup_driver: String,
    pub(crate) cgroup_version: String,
    pub(crate) logging_driver: String,
    pub(crate) live_restore_enabled: bool,
    pub(crate) system_time: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) security_options: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) runtimes: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "CDISpecDirs", deserialize_with = "or_default")]
    pub(crate) cdi_spec_dirs: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) server_errors: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) client_info: ClientInfo,
}

/// What docker's command line knows about itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ClientInfo {
    #[serde(deserialize_with = "or_default")]
    pub(crate) plugins: Vec<Plugin>,
}

/// A plugin of docker's command line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Plugin {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Why the plugin cannot be used.
    #[serde(deserialize_with = "plugin_error")]
    pub(crate) err: Option<String>,
}

/// The output of `docker version --format '{{json .}}'`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Versions {
    pub(crate) client: Side,
    pub(crate) server: Option<Side>,
}

/// The versions of docker's command line, or of the engine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Side {
    #[serde(rename = "Version")]
    pub(crate) version: String,
    #[serde(rename = "ApiVersion")]
    pub(crate) api: String,
    #[serde(rename = "DefaultAPIVersion")]
    pub(crate) default_api: String,
    #[serde(rename = "MinAPIVersion")]
    pub(crate) min_api: String,
}

/// A line of `docker system df --format '{{json .}}'`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Usage {
    #[serde(rename = "Type")]
    pub(crate) kind: String,
    pub(crate) size: String,
    pub(crate) reclaimable: String,
}

impl Info {
    /// Parses the output; `None` if it is not valid.
    pub fn parse(output: &[u8]) -> Option<Self> {
        serde_json::from_slice(output).ok()
    }

    pub(crate) fn is_reached(&self) -> bool {
        !self.server_version.is_empty()
    }

    /// Returns whether the engine runs in the virtual machine of a desktop.
    pub(crate) fn is_desktop(&self) -> bool {
        ["Docker Desktop", "Rancher Desktop", "OrbStack"]
            .iter()
            .any(|name| self.operating_system.contains(name))
            || self.name == "docker-desktop"
            || self.name == "colima"
    }

    pub(crate) fn is_rootless(&self) -> bool {
        self.security_options.iter().any(|option| option == "name=rootless")
    }

    /// Returns the value of a line about the storage driver.
    pub(crate) fn driver_status(&self, name: &str) -> Option<&str> {
        let lines = self.driver_status.iter().filter_map(|line| line.first().zip(line.get(1)));
        lines.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

impl Versions {
    /// Parses the output; `None` if it is not valid.
    pub fn parse(output: &[u8]) -> Option<Self> {
        serde_json::from_slice(output).ok()
    }
}

impl Usage {
    /// Parses the output, one object a line; `None` if it is not valid.
    pub fn parse(output: &[u8]) -> Option<Vec<Self>> {
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Returns the number of bytes that could go.
    pub(crate) fn reclaimable_bytes(&self) -> u64 {
        parse_size(self.reclaimable.split(" (").next().unwrap_or_default())
    }

    pub(crate) fn bytes(&self) -> u64 {
        parse_size(&self.size)
    }
}

/// Parses a size as docker prints it: `1.982MB`.
fn parse_size(text: &str) -> u64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "kB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => 1.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes fit, and none is negative"
    )]
    let bytes = (digits.trim().parse::<f64>().unwrap_or_default() * unit) as u64;
    bytes
}

/// Takes null for the default.
fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// Some versions print the error of a plugin as an object without contents.
fn plugin_error<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let value: Option<serde_json::Value> = Option::deserialize(value)?;
    Ok(value.map(|value| value.as_str().map_or_else(|| "it cannot be started".to_owned(), str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_docker() {
        for (text, bytes) in
            [("0B", 0), ("1.982MB", 1_982_000), ("12.3GB", 12_300_000_000), ("4kB", 4000), ("", 0)]
        {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
        let line =
            br#"{"Active":"2","Reclaimable":"1.9GB (99%)","Size":"2GB","TotalCount":"3","Type":"Images"}"#;
        let usage = Usage::parse(line).unwrap();
        assert_eq!((usage[0].reclaimable_bytes(), usage[0].bytes()), (1_900_000_000, 2_000_000_000));
    }

    #[test]
    fn an_info_without_an_engine_is_read() {
        let of_20 = br#"{"ServerErrors":["Cannot connect"],"ClientInfo":{"Plugins":[],"Warnings":null}}"#;
        let of_28 =
            br#"{"ID":"","DriverStatus":null,"Runtimes":null,"SecurityOptions":null,"ClientInfo":{"Plugins":null}}"#;
        for output in [&of_20[..], of_28] {
            assert!(!Info::parse(output).unwrap().is_reached());
        }
    }
}
