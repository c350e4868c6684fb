//! Key pairs: the public keys that EC2 knows.

use std::path::PathBuf;

use aws_sdk_ec2::operation::delete_key_pair::DeleteKeyPairError;
use aws_sdk_ec2::operation::describe_key_pairs::DescribeKeyPairsError;
use aws_sdk_ec2::operation::import_key_pair::ImportKeyPairError;
use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types::{KeyPairInfo, ResourceType};

use super::Tagged;
use super::once::once;
use crate::resource::{Kind, Resource};
use crate::{Call, Clients, SdkResult, Tags, Words};

/// Returns the key pairs of the region with their public keys.
#[derive(Debug, Clone, Copy)]
pub struct DescribePublicKeys;

impl Call for DescribePublicKeys {
    type Output = Vec<KeyPairInfo>;
    type Error = DescribeKeyPairsError;
    const ACTION: &'static str = "ec2:DescribeKeyPairs";
    const READS: bool = true;

    fn resource(&self) -> String {
        "the key pairs".to_owned()
    }

    fn words(&self) -> Words {
        Words::new().flag("--include-public-key")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let response = clients.ec2.describe_key_pairs().include_public_key(true).send().await?;
        Ok(response.key_pairs.unwrap_or_default())
    }
}

/// Imports a public key, and returns the ID of the key pair.
#[derive(Debug, Clone)]
pub struct ImportKeyPair {
    /// The name of the key pair.
    pub name: String,
    /// The line of the public key: kind, key and comment.
    pub public_key: String,
    /// The file that contains the line, which the echoed command line names.
    pub file: PathBuf,
    /// Its tags.
    pub tags: Tags,
}

impl Call for ImportKeyPair {
    type Output = String;
    type Error = ImportKeyPairError;
    const ACTION: &'static str = "ec2:ImportKeyPair";

    fn resource(&self) -> String {
        format!("key pair {}", self.name)
    }

    fn words(&self) -> Words {
        let words = Words::new().with("--key-name", &self.name);
        // From a file: of text on the command line, the two versions of `aws` disagree whether it is base64.
        let file = format!("fileb://{}", self.file.display());
        self.tags.words(words.with("--public-key-material", file), &[ResourceType::KeyPair])
    }

    async fn send(&self, clients: &Clients) -> SdkResult<String, Self::Error> {
        let response = clients
            .ec2
            .import_key_pair()
            .key_name(&self.name)
            .public_key_material(Blob::new(self.public_key.as_bytes()))
            .tag_specifications(self.tags.specification(ResourceType::KeyPair))
            .customize()
            .config_override(once())
            .send()
            .await?;
        Ok(response.key_pair_id.unwrap_or_default())
    }
}

/// Lists key pairs with our tags. The regions of the resources are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeTaggedKeyPairs(pub Tagged);

impl Call for DescribeTaggedKeyPairs {
    type Output = Vec<Resource>;
    type Error = DescribeKeyPairsError;
    const ACTION: &'static str = "ec2:DescribeKeyPairs";
    const READS: bool = true;

    fn resource(&self) -> String {
        "key pairs".to_owned()
    }

    fn words(&self) -> Words {
        self.0.words()
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Resource>, DescribeKeyPairsError> {
        let found = clients.ec2.describe_key_pairs().filters(self.0.filter()).send().await?;
        let resource = |pair: &KeyPairInfo| {
            let kind = Kind::KeyPair { name: pair.key_name().unwrap_or_default().to_owned() };
            Resource::new(pair.key_pair_id(), pair.tags(), pair.create_time(), kind)
        };
        Ok(found.key_pairs().iter().map(resource).collect())
    }
}

/// Deletes a key pair: the public key that EC2 has. The call also succeeds if the key pair does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteKeyPair<'a>(pub &'a str);

impl Call for DeleteKeyPair<'_> {
    type Output = ();
    type Error = DeleteKeyPairError;
    const ACTION: &'static str = "ec2:DeleteKeyPair";

    fn resource(&self) -> String {
        format!("key pair {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--key-name", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), DeleteKeyPairError> {
        clients.ec2.delete_key_pair().key_name(self.0).send().await.map(drop)
    }
}
