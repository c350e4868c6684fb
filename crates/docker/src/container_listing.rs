//! `docker container ls`: the containers of the engine, in one call.

use chrono::{DateTime, FixedOffset};
use dockerutils_command::Command;
use serde::{Deserialize, Deserializer, de};

use crate::error::Error;
use crate::listed_ports::parse_listed_ports;
use crate::ports::PublishedPort;

/// The fields of [`ListedContainer`], in their order. `{{json .}}` has the size too, which the engine computes for seconds.
const FORMAT: &str = "[{{json .ID}},{{json .Names}},{{json .Image}},{{json .State}},{{json .Status}},\
                      {{json .Ports}},{{json .CreatedAt}}]";

/// A container of the engine, running or not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListedContainer {
    /// Its whole ID.
    pub id: String,
    /// Its name.
    #[serde(deserialize_with = "own_name")]
    pub name: String,
    /// The reference of its image, as it was given to `docker run`; the image's ID if the reference means another image now.
    pub image: String,
    /// What it does.
    pub state: ContainerState,
    /// The same in docker's words, as in `Exited (3) 5 minutes ago`.
    pub status: String,
    /// The TCP ports of the container that are open on the engine's machine, each once.
    #[serde(deserialize_with = "listed_ports")]
    pub ports: Vec<(u16, PublishedPort)>,
    /// When it was created.
    #[serde(deserialize_with = "created")]
    pub created: DateTime<FixedOffset>,
}

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docker's own words")]
pub enum ContainerState {
    Created,
    Running,
    Paused,
    Restarting,
    Removing,
    Exited,
    Dead,
    /// A state that a later version of docker has.
    #[serde(other)]
    Other,
}

/// Returns the command that lists every container of the engine, newest first.
pub fn list_all_containers() -> Command {
    Command::new("docker").args(["container", "ls", "--all", "--no-trunc", "--format", FORMAT])
}

impl ListedContainer {
    /// Parses the output of [`list_all_containers`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse_list(output: &[u8]) -> Result<Vec<Self>, Error> {
        let lines = serde_json::Deserializer::from_slice(output).into_iter();
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// Returns whether a program can be started in it.
    pub fn is_running(&self) -> bool {
        self.state == ContainerState::Running
    }

    /// Returns whether it has been started and has not ended.
    pub fn is_up(&self) -> bool {
        use ContainerState::{Paused, Restarting, Running};
        matches!(self.state, Running | Paused | Restarting)
    }

    /// Returns the exit status of a container that has ended.
    pub fn exit_code(&self) -> Option<i32> {
        let (code, _) = self.status.strip_prefix("Exited (")?.split_once(')')?;
        code.parse().ok()
    }
}

/// The names of a container that others link to: `own,other/alias`.
fn own_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let names = String::deserialize(deserializer)?;
    let own = names.split(',').find(|name| !name.contains('/'));
    own.map(str::to_owned).ok_or_else(|| de::Error::custom(format!("`{names}` has no name of a container")))
}

fn listed_ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u16, PublishedPort)>, D::Error> {
    Ok(parse_listed_ports(&String::deserialize(deserializer)?))
}

fn created<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<FixedOffset>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_time(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a time")))
}

/// Parses a time as docker lists it, in the time zone of the client: `2026-11-27 13:12:01 +0100 CET`.
pub(crate) fn parse_time(text: &str) -> Option<DateTime<FixedOffset>> {
    // The name of the zone repeats the offset, and can have any form.
    let (time, _zone) = text.rsplit_once(' ')?;
    DateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S %z").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"["2c","ada_dev_26-11-27_10.00.00.1,web/db","proj-dev:ada","running","Up 2 seconds (healthy)","127.0.0.1:8888-\u003e80/tcp","2026-11-27 13:12:01 +0100 CET"]
["3d","x","sha256:1899","exited","Exited (137) 3 minutes ago","","2026-11-27 13:12:01 -0330 -0330"]
["4e","y","a","suspended","?","","2026-11-27 13:12:01 +0000 UTC"]
"#;

    #[test]
    fn every_line_of_the_listing_is_a_container() {
        let containers = ListedContainer::parse_list(LINES.as_bytes()).unwrap();
        let [running, exited, other] = &containers[..] else { panic!("{containers:?}") };
        assert_eq!(running.name, "ada_dev_26-11-27_10.00.00.1");
        assert!(running.is_running() && running.is_up() && running.exit_code().is_none());
        let published = PublishedPort { address: Some("127.0.0.1".to_owned()), port: 8888 };
        assert_eq!(running.ports, [(80, published)]);
        assert_eq!(running.created.to_utc().to_rfc3339(), "2026-11-27T12:12:01+00:00");
        assert_eq!((exited.is_up(), exited.exit_code()), (false, Some(137)));
        assert_eq!(exited.created.to_utc().to_rfc3339(), "2026-11-27T16:42:01+00:00");
        assert_eq!(other.state, ContainerState::Other);
        assert!(ListedContainer::parse_list(b"").unwrap().is_empty());
    }

    #[test]
    fn a_listing_in_another_format_is_an_error() {
        for line in [
            "CONTAINER ID   IMAGE",
            r#"{"ID":"2c"}"#,
            r#"["2c","a","b","running","Up","","yesterday"]"#,
            r#"["2c","a/b","b","running","Up","","2026-11-27 13:12:01 +0000 UTC"]"#,
            r#"["2c","a","b","running","Up",""#,
        ] {
            assert!(ListedContainer::parse_list(line.as_bytes()).is_err(), "{line}");
        }
    }
}
