//! The look-ups and creations in a region, and the equivalent `aws` command lines.

use std::fmt;

use serde_json::json;

/// The repositories of one region that images are pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionQuery {
    /// The region; `None` for the one that the SDK finds in the environment or a profile.
    pub region: Option<String>,
    /// The repositories.
    pub repositories: Vec<Repository>,
}

/// A repository that images are pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The account that owns the repository; `None` for the caller's own.
    pub account: Option<String>,
    /// The name, without the registry's host.
    pub name: String,
    /// The tags that are pushed.
    pub tags: Vec<String>,
    /// The settings if the repository has to be created.
    pub settings: Settings,
}

/// The settings of a new repository. They do not change a repository that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Images are scanned when they are pushed.
    pub scan_on_push: bool,
    /// A tag cannot be pushed a second time.
    pub immutable_tags: bool,
    /// The tags of the repository itself, as keys and values.
    pub tags: Vec<(String, String)>,
}

impl RegionQuery {
    /// Returns the arguments of the `aws` commands that log in and look up the tags.
    pub fn query_commands(&self) -> Vec<Vec<String>> {
        let mut login = self.words("get-authorization-token");
        // Without the query `aws` would print the password on the terminal of a user who pastes the line.
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

    /// Returns the arguments of the `aws` commands that create the repositories.
    pub fn create_commands(&self) -> Vec<Vec<String>> {
        let create = |repository: &Repository| {
            let mut words = self.words("create-repository");
            words.extend(repository.words());
            words.extend(repository.settings.words());
            words
        };
        self.repositories.iter().map(create).collect()
    }

    /// Returns the arguments of the `aws` command that looks up whether the tags of a repository can be moved.
    pub fn mutability_command(&self, repository: &Repository) -> Vec<String> {
        let mut words = self.words("describe-repositories");
        words.extend(repository.registry_words().map(str::to_owned));
        words.extend(["--repository-names", &repository.name].map(str::to_owned));
        words
    }

    fn words(&self, verb: &str) -> Vec<String> {
        // Without --region `aws` looks in the same places as the SDK.
        let region = self.region.iter().flat_map(|region| ["--region", region]);
        ["ecr", verb].into_iter().chain(region).map(str::to_owned).collect()
    }
}

impl Repository {
    fn words(&self) -> Vec<String> {
        self.registry_words().chain(["--repository-name", &self.name]).map(str::to_owned).collect()
    }

    fn registry_words(&self) -> impl Iterator<Item = &str> {
        self.account.iter().flat_map(|account| ["--registry-id", account])
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
            // As JSON, because the short form `Key=…,Value=…` cannot hold a comma.
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
