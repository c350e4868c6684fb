//! What is asked about repositories, for the SDK and as the aws command lines that do the same.

use std::fmt;

use serde_json::json;

/// What is asked in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The region; none for that of the SDK's chain.
    pub region: Option<String>,
    /// What is about to be pushed to.
    pub repositories: Vec<Repository>,
}

/// A repository that is about to be pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The account that it belongs to; none for the caller's own.
    pub account: Option<String>,
    /// Its name, without the registry's host.
    pub name: String,
    /// The tags.
    pub tags: Vec<String>,
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

impl Question {
    /// The `aws` command lines, without their first word, that log in and look up what the tags are now. None of them
    /// shows the password.
    pub fn asking(&self) -> Vec<Vec<String>> {
        let mut login = self.words("get-authorization-token");
        login.extend(["--query", "authorizationData[0].proxyEndpoint"].map(str::to_owned));
        let mut lines = vec![login];
        for repository in &self.repositories {
            for tag in &repository.tags {
                let mut words = self.words("describe-images");
                words.extend(repository.words());
                words.extend(["--image-ids".to_owned(), format!("imageTag={tag}")]);
                lines.push(words);
            }
        }
        lines
    }

    /// Those that make the repositories.
    pub fn making(&self) -> Vec<Vec<String>> {
        let make = |repository: &Repository| {
            let mut words = self.words("create-repository");
            words.extend(repository.words());
            words.extend(repository.settings.words());
            words
        };
        self.repositories.iter().map(make).collect()
    }

    /// Without a region `aws` takes that of its own chain, which is the SDK's.
    fn words(&self, verb: &str) -> Vec<String> {
        let region = self.region.iter().flat_map(|region| ["--region", region]);
        ["ecr", verb].into_iter().chain(region).map(str::to_owned).collect()
    }
}

impl Repository {
    fn words(&self) -> Vec<String> {
        let account = self.account.iter().flat_map(|account| ["--registry-id", account]);
        account.chain(["--repository-name", &self.name]).map(str::to_owned).collect()
    }
}

impl Settings {
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.scan_on_push {
            words.extend(["--image-scanning-configuration", "scanOnPush=true"].map(str::to_owned));
        }
        if self.immutable_tags {
            words.extend(["--image-tag-mutability", "IMMUTABLE"].map(str::to_owned));
        }
        if !self.tags.is_empty() {
            // Written as JSON, for the short form has no way to hold every value.
            let tags = self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
            words.extend(["--tags".to_owned(), tags.collect::<serde_json::Value>().to_string()]);
        }
        words
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "repository `{}`", self.name)?;
        match &self.account {
            Some(account) => write!(f, " of account {account}"),
            None => Ok(()),
        }
    }
}
