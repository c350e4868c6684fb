//! `docker image inspect`.

use dockerutils_command::{Command, TimedOutput};
use dockerutils_oci::{Digest, Reference};
use serde::Deserialize;

use crate::Error;

/// What the engine knows of an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Inspected {
    /// How much it holds, in bytes, layers that it shares with others included.
    #[serde(rename = "Size")]
    pub size: u64,
    /// The names and digests under which registries have it: `repo@sha256:…`.
    #[serde(default, rename = "RepoDigests")]
    repo_digests: Option<Vec<String>>,
}

impl Inspected {
    /// The digests that a repository has, or had, of this image.
    pub fn digests(&self, repository: &Reference) -> Vec<Digest> {
        let names = self.repo_digests.iter().flatten().filter_map(|name| Reference::parse(name).ok());
        let is_same = |name: &Reference| {
            name.registry() == repository.registry() && name.repository() == repository.repository()
        };
        names.filter(is_same).filter_map(|name| name.digest()).collect()
    }
}

/// The question what the engine knows of an image.
pub fn inspect(image: &Reference) -> Command {
    Command::new("docker").args(["image".to_owned(), "inspect".to_owned(), image.to_string()])
}

/// What it answered, if it succeeded.
///
/// # Errors
/// The answer is not what docker documents.
pub fn inspected(answer: &TimedOutput) -> Result<Option<Inspected>, Error> {
    Ok(serde_json::from_slice::<Vec<Inspected>>(&answer.stdout)?.pop())
}

/// Whether the engine has said that it has no such image.
pub fn is_no_such_image(answer: &TimedOutput) -> bool {
    String::from_utf8_lossy(&answer.stderr).to_lowercase().contains("no such image")
}
