//! The result on standard output: a line for each reference, or JSON.
//!
//! The names of the JSON's fields are an interface: new ones are added, but none ever changes.

use dockerutils_oci::{Digest, Reference, Registry};
use serde::Serialize;

use super::error::PublishError;
use crate::ui::StdoutError;
use crate::{Result, ui};

/// A reference that is published.
#[derive(Debug, Serialize)]
pub(super) struct Published {
    reference: String,
    digest: Digest,
    /// The size in bytes that the engine reports.
    size: u64,
    /// The account and region of the registry, if it is one of ECR.
    account: Option<String>,
    region: Option<String>,
    /// False if the registry already had the image.
    pushed: bool,
    #[serde(skip)]
    name: String,
}

impl Published {
    pub(super) fn new(reference: &Reference, digest: Digest, size: u64, pushed: bool) -> Self {
        let (account, region) = match reference.registry() {
            Registry::Ecr(ecr) => (Some(ecr.account), Some(ecr.region)),
            _ => (None, None),
        };
        Published {
            reference: reference.to_string(),
            digest,
            size,
            account,
            region,
            pushed,
            name: reference.name().to_owned(),
        }
    }
}

/// Prints lines as references are published, or JSON at the end.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    published: Vec<Published>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Report { json, published: Vec::new() }
    }

    /// Adds a reference and prints its line.
    ///
    /// # Errors
    /// Fails if standard output cannot be written to.
    pub(super) fn add(&mut self, published: Published) -> Result {
        let line = format!("{}@{}", published.name, published.digest);
        self.published.push(published);
        // A line at once rather than all at the end: after Ctrl-C the digests of finished pushes are not lost. JSON has to
        // wait, because half an array cannot be parsed.
        if self.json { Ok(()) } else { print(line) }
    }

    /// Prints the JSON, and after a failure a note of what was published before it.
    ///
    /// # Errors
    /// Fails if standard output cannot be written to.
    pub(super) fn finish(self, failed: bool) -> Result {
        if failed && !self.published.is_empty() {
            let references: Vec<&str> = self.published.iter().map(|it| it.reference.as_str()).collect();
            ui::note(format_args!("published before the failure: {}", references.join(", ")));
        }
        if !self.json {
            return Ok(());
        }
        let json = serde_json::to_string_pretty(&self.published);
        print(json.map_err(|error| StdoutError(error.into()))?)
    }
}

/// Prints the result. The error holds it too, because it is known nowhere else.
fn print(text: String) -> Result {
    Ok(ui::print_line(&text).map_err(|source| PublishError::StdoutFailed { text, source })?)
}
