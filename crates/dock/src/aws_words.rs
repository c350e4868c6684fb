//! The values of AWS in a record, in `instance.json` and in `dock.cfg`: IDs, a region, a profile and so on.
//!
//! They are checked when they are parsed, as all [words](crate::words) are.

use crate::words::word;

word!(
    /// The ID of an EC2 instance.
    InstanceId, is_instance_id, "instance ID", "write `i-` and hexadecimal digits"
);
word!(
    /// An AWS region.
    Region, is_region, "region", "use lower-case letters, digits and `-`, as in eu-central-1"
);
word!(
    /// An availability zone.
    Zone, is_region, "availability zone", "use lower-case letters, digits and `-`, as in eu-central-1a"
);
word!(
    /// The number of an AWS account.
    Account, is_account, "account", "write twelve digits"
);
word!(
    /// The name of a profile in `~/.aws/config`.
    Profile, is_profile, "profile",
    "use at most 128 letters, digits, blanks and `+=,.@_/:-`; a letter, digit or `_` first"
);
word!(
    /// The name of an instance type.
    InstanceType, is_instance_type, "instance type", "use lower-case letters, digits, `.` and `-`, as in m7i.large"
);
word!(
    /// The ID of anything in EC2, with the kind as its prefix: `ami-…`, `sg-…`, `subnet-…`, `vpc-…`, `key-…`, `sir-…`.
    ResourceId, is_resource_id, "ID of EC2", "write a kind, `-`, and lower-case letters and digits, as in sg-0a1b2c3d"
);
word!(
    /// The name of a key pair, or of an instance profile.
    AwsName, is_aws_name, "name", "use at most 255 letters, digits and `+=,.@_-`, a letter, digit or `_` first"
);
word!(
    /// The identity of one attempt to create a dock: ten characters of `a-z2-7`.
    Attempt, is_attempt, "attempt", "write ten characters of a-z and 2-7"
);

impl AwsName {
    /// Returns the name of a user as tags and names contain it: other characters become `-`, and the length is limited.
    pub fn of_user(name: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
        let name: String = name.chars().map(plain).take(64).collect();
        let name = name.trim_start_matches(['.', '-']);
        AwsName(if name.is_empty() { "user".to_owned() } else { name.to_owned() })
    }
}

impl InstanceType {
    /// Returns the type of a dock if none is chosen.
    pub(crate) fn usual() -> Self {
        InstanceType("m7i.large".to_owned())
    }

    /// Returns the type of a dock with a GPU if none is chosen.
    pub(crate) fn usual_gpu() -> Self {
        InstanceType("g6.xlarge".to_owned())
    }
}

fn is_instance_id(text: &str) -> bool {
    // The length is bounded because the ID may be the name of a folder.
    text.len() <= 64
        && text
            .strip_prefix("i-")
            .is_some_and(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_hexdigit()))
}

fn is_region(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

fn is_profile(text: &str) -> bool {
    // A first `-` would be taken for an option, and a record cannot contain quotes.
    text.len() <= 128
        && text.trim() == text
        && text.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && text.chars().all(|c| c.is_alphanumeric() || " +=,.@_/:-".contains(c))
}

fn is_instance_type(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

fn is_resource_id(text: &str) -> bool {
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_kind = |kind: &str| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
    text.len() <= 64 && text.split_once('-').is_some_and(|(kind, id)| is_kind(kind) && is_id(id))
}

fn is_aws_name(text: &str) -> bool {
    text.len() <= 255
        && text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c))
}

fn is_attempt(text: &str) -> bool {
    text.len() == 10 && text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '2'..='7'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_has_a_name_of_aws() {
        for (user, name) in [
            ("ada", "ada"),
            ("ada@corp", "ada-corp"),
            ("DOM\\ada", "DOM-ada"),
            (".-x", "x"),
            ("ünö", "n-"),
            ("", "user"),
            ("@", "user"),
        ] {
            assert_eq!(AwsName::of_user(user).as_str(), name);
            assert!(is_aws_name(name), "{name}");
        }
        assert!(is_aws_name(AwsName::of_user(&"x".repeat(300)).as_str()));
    }
}
