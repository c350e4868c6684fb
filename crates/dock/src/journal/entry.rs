//! The entries of a journal.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::JournalFault;
use crate::{
    Account, Attempt, AwsName, Identity, IdleLimit, InstanceType, Jump, Minutes, Moniker, Price, Profile,
    Region, ResourceId, UserName,
};

/// How an attempt began: everything that it takes to finish or undo it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// The attempt.
    pub attempt: Attempt,
    /// The dock's name.
    pub dock: Moniker,
    /// The account.
    pub account: Account,
    /// The region.
    pub region: Region,
    /// The profile, if one was chosen.
    pub profile: Option<Profile>,
    /// The user on this machine, for tags.
    pub owner: AwsName,
    /// The caller's ARN.
    pub by: Fact,
    /// The first instance type that is tried.
    #[serde(rename = "type")]
    pub instance_type: InstanceType,
    /// The image, which is the same for every token of the attempt.
    pub ami: ResourceId,
    /// The name of the key pair.
    pub key: Fact,
    /// The file of the private key that ssh logs in with; `None` leaves it to ssh.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// The name of the security group; `None` if the user has given groups.
    pub group: Option<AwsName>,
    /// The groups that the user has given.
    pub groups: Vec<ResourceId>,
    /// Whether the dock is reached at its private address.
    pub private: bool,
    /// The jump hosts through which it is reached there.
    #[serde(default)]
    pub jump: Option<Jump>,
    /// Whether the instance is a spot instance.
    pub spot: bool,
    /// Whether it is protected against termination at the end.
    pub protect: bool,
    /// The size of its disk in GiB.
    pub disk_size: u32,
    /// The prices, if they are known.
    pub price: Option<Price>,
    /// After which idle time it stops itself.
    pub idle: IdleLimit,
    /// After which time it stops itself in any case.
    pub ttl: Option<Minutes>,
    /// The user to log in as.
    pub user: UserName,
    /// When the attempt began.
    pub created: DateTime<Utc>,
}

/// What happened in an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A call is about to be made.
    Intent {
        /// The step.
        step: Step,
        /// The action: `ec2:RunInstances`.
        call: Fact,
        /// The token that makes the call safe to repeat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Fact>,
    },
    /// The call has succeeded.
    Done {
        /// The step.
        step: Step,
        /// The ID of what it made.
        got: Fact,
    },
    /// AWS has refused the call, so it made nothing.
    Refused {
        /// The step.
        step: Step,
        /// The error code of AWS.
        code: Fact,
    },
    /// What the step made is gone.
    Undone {
        /// The step.
        step: Step,
    },
    /// The dock is ready.
    Finished {},
}

/// A step of an attempt that leaves something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The key pair that was imported.
    Key,
    /// The security group.
    SecurityGroup,
    /// The rule of the group for ssh, which goes with the group.
    Ingress,
    /// The instance.
    Instance,
    /// The record of the dock.
    Record,
    /// The protection against termination.
    Protection,
}

impl Step {
    /// Returns what the step makes, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Step::Key => "key pair",
            Step::SecurityGroup => "security group",
            Step::Ingress => "rule for ssh",
            Step::Instance => "instance",
            Step::Record => "record",
            Step::Protection => "protection",
        }
    }
}

/// An ID, an ARN or a code of AWS: at most 512 printable ASCII characters, without blanks, quotes and backslashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Fact(String);

impl Fact {
    /// Creates the value; characters that it cannot contain become `_`, and the length is limited.
    pub fn of(text: &str) -> Self {
        Fact(text.chars().map(|c| if is_plain(c) { c } else { '_' }).take(512).collect())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Fact {
    type Error = JournalFault;

    fn try_from(text: String) -> Result<Self, JournalFault> {
        let is_fact = text.len() <= 512 && text.chars().all(is_plain);
        if is_fact { Ok(Fact(text)) } else { Err(JournalFault::NoFact) }
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '`' | '$')
}
