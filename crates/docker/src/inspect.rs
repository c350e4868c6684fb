//! `docker image inspect`.

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
}

impl InspectedImage {
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
