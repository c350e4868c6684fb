//! What is asked about one repository, for the SDK and as the aws command line that does the same.

use std::fmt;

use serde_json::json;

/// A tag that is about to be pushed, and the repository that it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The account that the repository belongs to; none for the caller's own.
    pub account: Option<String>,
    /// Its name, without the registry's host.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// What it is to be when it is made.
    pub settings: Settings,
}

/// What a new repository is to be; one that is there stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// A tag that is there cannot be pushed again.
    pub immutable_tags: bool,
    /// Tags of the repository itself, each a key and a value.
    pub tags: Vec<(String, String)>,
}

impl Target {
    /// The arguments of `aws` that make the repository.
    pub fn create_words(&self, region: Option<&str>) -> Vec<String> {
        let mut words = self.words("create-repository", region);
        if self.settings.scan_on_push {
            words.extend(["--image-scanning-configuration", "scanOnPush=true"].map(str::to_owned));
        }
        if self.settings.immutable_tags {
            words.extend(["--image-tag-mutability", "IMMUTABLE"].map(str::to_owned));
        }
        if !self.settings.tags.is_empty() {
            // Written as JSON, for the short form has no way to hold every value.
            let tags = self.settings.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
            words.extend(["--tags".to_owned(), tags.collect::<serde_json::Value>().to_string()]);
        }
        words
    }

    /// The arguments of `aws` that look up what the tag is now.
    pub fn describe_words(&self, region: Option<&str>) -> Vec<String> {
        let mut words = self.words("describe-images", region);
        words.extend(["--image-ids".to_owned(), format!("imageTag={}", self.tag)]);
        words
    }

    /// Without a region `aws` takes that of its own chain, which is the SDK's.
    fn words(&self, verb: &str, region: Option<&str>) -> Vec<String> {
        let mut words = vec!["ecr", verb];
        words.extend(region.iter().flat_map(|region| ["--region", region]));
        words.extend(self.account.iter().flat_map(|account| ["--registry-id", account]));
        words.extend(["--repository-name", &self.repository]);
        words.into_iter().map(str::to_owned).collect()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "repository `{}`", self.repository)?;
        match &self.account {
            Some(account) => write!(f, " of account {account}"),
            None => Ok(()),
        }
    }
}
