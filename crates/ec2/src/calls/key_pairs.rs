//! Key pairs.

use aws_sdk_ec2::operation::delete_key_pair::DeleteKeyPairError;
use aws_sdk_ec2::operation::describe_key_pairs::DescribeKeyPairsError;

use super::Tagged;
use crate::resource::{Kind, Origin, Resource};
use crate::{Call, Clients, SdkResult, Words};

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
        let resource = |pair: &aws_sdk_ec2::types::KeyPairInfo| {
            let (origin, created) = Origin::of_tags(pair.tags());
            Resource {
                id: pair.key_pair_id().unwrap_or_default().to_owned(),
                region: String::new(),
                origin,
                created: created.or(pair.create_time().map(aws_sdk_ec2::primitives::DateTime::secs)),
                kind: Kind::KeyPair { name: pair.key_name().unwrap_or_default().to_owned() },
            }
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
