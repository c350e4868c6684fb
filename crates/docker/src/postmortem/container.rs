//! A container that has ended, and a copy of its file system.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use dockerutils_command::Command;
use serde::Deserialize;

use crate::debug_shell::DebugShell;
use crate::error::Error;
use crate::mounts::{bind_mount, bind_mount_readonly};

/// What docker knows of a container that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadContainer {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The reference of its image, as it was given to `docker run`.
    pub image: String,
    /// The ID of its image.
    pub image_id: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its exit status.
    pub exit_code: i64,
    /// Whether the kernel has killed a process of it for lack of memory.
    pub is_oom_killed: bool,
    /// Whether it still runs, or runs again.
    pub is_running: bool,
    /// The error that the engine keeps; empty if there is none.
    pub error: String,
    /// When it was started; `None` if it never was.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// The memory that it may use, in bytes; 0 means without a limit.
    pub memory_limit: u64,
    /// The size of its /dev/shm in bytes.
    pub shm_size: u64,
    /// Its temporary file systems: folders and options.
    tmpfs: BTreeMap<String, String>,
    /// Its other mounts.
    mounts: Vec<Mount>,
}

/// Returns the command whose output [`DeadContainer::parse`] reads.
pub fn inspect_for_postmortem(container: &str) -> Command {
    Command::new("docker").args(["container", "inspect", container])
}

impl DeadContainer {
    /// Parses the output of [`inspect_for_postmortem`]; `None` if the container does not exist.
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn parse(output: &[u8]) -> Result<Option<Self>, Error> {
        Ok(serde_json::from_slice::<Vec<Inspected>>(output)?.pop().map(DeadContainer::from))
    }

    /// Returns whether it has ended, or could not be started.
    pub fn is_over(&self) -> bool {
        // One that is being created has no exit status yet.
        !self.is_running && (self.finished.is_some() || self.exit_code != 0)
    }

    /// Returns the flags of `docker run` that give another container the mounts of this one. `--volumes-from` does not know
    /// temporary file systems, and fails if there is one.
    fn mount_flags(&self) -> Vec<String> {
        let tmpfs = self.tmpfs.iter().map(|(folder, options)| match options.as_str() {
            "" => folder.clone(),
            options => format!("{folder}:{options}"),
        });
        let tmpfs = tmpfs.flat_map(|value| ["--tmpfs".to_owned(), value]);
        self.mounts.iter().filter_map(Mount::flag).flatten().chain(tmpfs).collect()
    }
}

impl Mount {
    /// Returns the flag that mounts the same folder or volume.
    fn flag(&self) -> Option<[String; 2]> {
        let source = match self.r#type.as_str() {
            "bind" => &self.source,
            "volume" => &self.name,
            _ => return None,
        };
        let mount = if self.rw { bind_mount } else { bind_mount_readonly };
        Some(mount(source, &self.destination))
    }
}

/// Returns the command that makes an image of a container's file system, with its variables, its user, and these labels:
/// names and values without blanks or quotes. It prints the image's ID.
pub fn copy_container(container: &str, labels: &[(&str, &str)]) -> Command {
    let labels =
        labels.iter().flat_map(|(name, value)| ["--change".to_owned(), format!("LABEL {name}={value}")]);
    Command::new("docker").args(["container", "commit"]).args(labels).arg(container)
}

/// Returns the command that runs a shell in a copy of a container, with its mounts.
pub fn run_copy(container: &DeadContainer, copy: &str, name: &str, shell: &DebugShell) -> Command {
    let docker = Command::new("docker").args(["run", "--init", "--name", name, "--rm", "-it"]);
    docker.args(container.mount_flags()).args(shell.flags()).arg(copy).args(shell.command())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    name: String,
    image: String,
    path: String,
    args: Vec<String>,
    state: State,
    config: Config,
    host_config: HostConfig,
    #[serde(default)]
    mounts: Vec<Mount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    running: bool,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    exit_code: i64,
    #[serde(default)]
    error: String,
    started_at: String,
    finished_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfig {
    #[serde(default)]
    memory: u64,
    #[serde(default)]
    shm_size: u64,
    #[serde(default)]
    tmpfs: Option<BTreeMap<String, String>>,
}

/// A mount, as docker knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mount {
    #[serde(default)]
    r#type: String,
    /// The name of a volume.
    #[serde(default)]
    name: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    destination: String,
    /// Whether the container can write to it.
    #[serde(default, rename = "RW")]
    rw: bool,
}

impl From<Inspected> for DeadContainer {
    fn from(inspected: Inspected) -> Self {
        let Inspected { id, name, image, path, args, state, config, host_config, mounts } = inspected;
        let (from_mount, mut others): (Vec<_>, Vec<_>) =
            mounts.into_iter().partition(|mount| mount.r#type == "tmpfs");
        let mut tmpfs = host_config.tmpfs.unwrap_or_default();
        for mount in from_mount {
            tmpfs.entry(mount.destination).or_default();
        }
        // Docker lists them in no defined order.
        others.sort_by(|a, b| a.destination.cmp(&b.destination));
        DeadContainer {
            id,
            name: name.trim_start_matches('/').to_owned(),
            image: config.image,
            image_id: image,
            command: [path].into_iter().chain(args).collect(),
            exit_code: state.exit_code,
            is_oom_killed: state.oom_killed,
            is_running: state.running,
            error: state.error,
            started: time(&state.started_at),
            finished: time(&state.finished_at),
            memory_limit: host_config.memory,
            shm_size: host_config.shm_size,
            tmpfs,
            mounts: others,
        }
    }
}

/// Parses a time; `None` for that of the year 1, which docker writes if there is none.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (time.timestamp() > 0).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_prints_about_a_container_that_has_ended_is_parsed() {
        let output = br#"[{"Id": "0a", "Name": "/ada_dev_x", "Image": "sha256:1b", "Path": "python", "Args": ["-m", "app"],
            "State": {"Running": false, "OOMKilled": true, "ExitCode": 137, "Error": "",
                "StartedAt": "2026-11-27T10:00:00.5Z", "FinishedAt": "2026-11-27T10:00:02.5Z"},
            "Config": {"Image": "proj-dev:ada"}, "HostConfig": {"Memory": 536870912, "ShmSize": 67108864,
                "Tmpfs": {"/run": "size=1m", "/t": ""}},
            "Mounts": [{"Type": "volume", "Name": "cache", "Source": "/var/lib/x", "Destination": "/y", "RW": false},
                {"Type": "bind", "Source": "/p", "Destination": "/w", "RW": true}, {"Type": "tmpfs", "Destination": "/m"}]}]"#;
        let container = DeadContainer::parse(output).unwrap().unwrap();
        assert_eq!((container.name.as_str(), container.exit_code), ("ada_dev_x", 137));
        assert_eq!(container.command, ["python", "-m", "app"]);
        assert_eq!((container.finished.unwrap() - container.started.unwrap()).num_seconds(), 2);
        let flags = "-v /p:/w -v cache:/y:ro --tmpfs /m --tmpfs /run:size=1m --tmpfs /t";
        assert_eq!(container.mount_flags().join(" "), flags);
        assert_eq!(DeadContainer::parse(b"[]\n").unwrap(), None);
        assert!(DeadContainer::parse(b"[{}]").is_err());
        assert_eq!(time("0001-01-01T00:00:00Z"), None);
    }
}
