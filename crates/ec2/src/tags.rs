//! Tags: on what create-dock makes, and as the words of an `aws` command.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::json;

use crate::Words;
use crate::resource::{TAG_ATTEMPT, TAG_CREATED, TAG_DOCK, TAG_OWNER};

/// The tags of one attempt, as keys and values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<(String, String)>);

impl Tags {
    /// Returns the tags of what an attempt makes, and the user's own ones.
    pub fn of_attempt(
        dock: &str,
        owner: &str,
        attempt: &str,
        created: &str,
        own: &[(String, String)],
    ) -> Self {
        let ours = [
            ("Name", dock),
            (TAG_DOCK, dock),
            (TAG_OWNER, owner),
            (TAG_ATTEMPT, attempt),
            (TAG_CREATED, created),
        ];
        let ours = ours.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Tags(ours.into_iter().chain(own.iter().cloned()).collect())
    }

    /// Returns the tags of one kind of resource, for a request.
    pub(crate) fn specification(&self, kind: ResourceType) -> TagSpecification {
        let tags = self.0.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        TagSpecification::builder().resource_type(kind).set_tags(Some(tags.collect())).build()
    }

    /// Adds the flag with the tags of these kinds of resources.
    pub(crate) fn words(&self, words: Words, kinds: &[ResourceType]) -> Words {
        // As JSON, because the short form `Key=…,Value=…` cannot hold a comma.
        let tags: Vec<_> = self.0.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let each = kinds.iter().map(|kind| json!({"ResourceType": kind.as_str(), "Tags": tags}));
        words.with("--tag-specifications", each.collect::<serde_json::Value>().to_string())
    }
}
