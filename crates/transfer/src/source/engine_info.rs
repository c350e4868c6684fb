//! `docker info`: the folder and the kind of the engine's own store.

use dockerutils_command::{Command, Error, Pipes, Runner, StreamOutput, Streaming};
use serde::Deserialize;

/// The part of `docker info` that describes the store.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EngineInfo {
    pub(super) driver: String,
    driver_status: Option<Vec<(String, String)>>,
    pub(super) docker_root_dir: String,
}

impl EngineInfo {
    /// Starts `docker info`; [`parse`](Self::parse) reads its output.
    pub(super) fn start(docker: &Command, runner: &Runner) -> Result<Streaming, Error> {
        runner.start(&docker.clone().args(["info", "--format", "{{json .}}"]), Pipes::Input)
    }

    /// Parses the output. `None` if it cannot be read: the store's files are a short cut, so that is not an error.
    pub(super) fn parse(ended: &StreamOutput) -> Option<Self> {
        serde_json::from_slice(&ended.stdout).ok()
    }

    /// Returns whether the images are in containerd's store.
    pub(super) fn is_containerd(&self) -> bool {
        self.has_status("driver-type", "io.containerd.snapshotter")
    }

    /// Returns whether files of an overlay may have their content in a layer below.
    pub(super) fn uses_metacopy(&self) -> bool {
        self.has_status("Using metacopy", "true")
    }

    fn has_status(&self, key: &str, value: &str) -> bool {
        self.driver_status.iter().flatten().any(|(k, v)| k == key && v.starts_with(value))
    }
}
