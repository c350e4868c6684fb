//! Who may connect to port 22, by the rules of security groups.

use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsError;
use aws_sdk_ec2::types::IpPermission;

use super::tagged::{filter, filter_word};
use crate::resource::TAG_ATTEMPT;
use crate::{Call, Clients, SdkResult, Words};

/// Lists the rules for ssh of those of these security groups that have our tags. No other group is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeSshRules(pub Vec<String>);

/// The rules for ssh of a security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshRules {
    /// The ID of the group.
    pub group: String,
    /// The networks that may connect, in CIDR notation, each with its description.
    pub sources: Vec<(String, String)>,
}

impl DescribeSshRules {
    fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Call for DescribeSshRules {
    type Output = Vec<SshRules>;
    type Error = DescribeSecurityGroupsError;
    const ACTION: &'static str = "ec2:DescribeSecurityGroups";
    const READS: bool = true;

    fn resource(&self) -> String {
        format!("security group {}", self.0.join(", "))
    }

    fn words(&self) -> Words {
        let filters = [filter_word("group-id", self.groups()), filter_word("tag-key", [TAG_ATTEMPT])];
        Words::new().with_all("--filters", filters)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<SshRules>, DescribeSecurityGroupsError> {
        let call = clients.ec2.describe_security_groups().filters(filter("group-id", self.groups()));
        let found = call.filters(filter("tag-key", [TAG_ATTEMPT])).send().await?;
        let rules = |group: &aws_sdk_ec2::types::SecurityGroup| SshRules {
            group: group.group_id().unwrap_or_default().to_owned(),
            sources: group.ip_permissions().iter().filter(|it| is_for_ssh(it)).flat_map(sources).collect(),
        };
        Ok(found.security_groups().iter().map(rules).collect())
    }
}

/// Returns whether a permission is for port 22 and no other, as ours are.
fn is_for_ssh(permission: &IpPermission) -> bool {
    permission.ip_protocol() == Some("tcp")
        && permission.from_port() == Some(22)
        && permission.to_port() == Some(22)
}

fn sources(permission: &IpPermission) -> Vec<(String, String)> {
    let pair = |cidr: Option<&str>, description: Option<&str>| {
        (cidr.unwrap_or_default().to_owned(), description.unwrap_or_default().to_owned())
    };
    let of_v4 = permission.ip_ranges().iter().map(|range| pair(range.cidr_ip(), range.description()));
    let of_v6 = permission.ipv6_ranges().iter().map(|range| pair(range.cidr_ipv6(), range.description()));
    of_v4.chain(of_v6).collect()
}
