//! What publish-image tells on standard output: a line for each reference, or JSON for programs.
//!
//! The names of the JSON's fields are an interface: they are added to, and never change.

use dockerutils_oci::{Reference, Registry};
use serde::Serialize;

use crate::{Error, Result, ui};

/// What has been published.
#[derive(Debug, Serialize)]
pub(super) struct Published {
    reference: String,
    digest: String,
    /// Bytes of the image, as the engine holds it.
    size: u64,
    /// The account that the registry belongs to, and its region, where it is one of ECR.
    account: Option<String>,
    region: Option<String>,
    /// Whether it was pushed; otherwise it was there already.
    pushed: bool,
    #[serde(skip)]
    name: String,
}

impl Published {
    pub(super) fn new(reference: &Reference, digest: &str, size: u64, pushed: bool) -> Self {
        let (account, region) = match reference.registry() {
            Registry::Ecr(ecr) => (Some(ecr.account), Some(ecr.region)),
            _ => (None, None),
        };
        Published {
            reference: reference.to_string(),
            digest: digest.to_owned(),
            size,
            account,
            region,
            pushed,
            name: reference.name().to_owned(),
        }
    }
}

/// Tells what is published as it comes, or all of it at the end, however the end comes.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    published: Vec<Published>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Report { json, published: Vec::new() }
    }

    /// # Errors
    /// Standard output does not take it.
    pub(super) fn add(&mut self, published: Published) -> Result {
        let line = format!("{}@{}", published.name, published.digest);
        self.published.push(published);
        if self.json { Ok(()) } else { tell(&line) }
    }

    /// The JSON, and after a failure what was done before it.
    ///
    /// # Errors
    /// Standard output does not take it.
    pub(super) fn end(self, failed: bool) -> Result {
        if failed && !self.published.is_empty() {
            let done: Vec<&str> =
                self.published.iter().map(|published| published.reference.as_str()).collect();
            ui::note(format_args!("published before that: {}", done.join(", ")));
        }
        if self.json {
            // Texts, numbers and fields with fixed names: nothing that JSON cannot hold.
            let json = serde_json::to_string_pretty(&self.published).unwrap_or_default();
            tell(&json)?;
        }
        Ok(())
    }
}

/// Whoever closed our standard output has read enough; anything else loses what nobody else knows.
fn tell(text: &str) -> Result {
    ui::print_line(text).map_err(|source| Error::NotTold { text: text.to_owned(), source })
}
