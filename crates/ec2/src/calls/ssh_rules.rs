//! The rules of security groups that let networks connect to port 22: listing, adding and removing them.

use aws_sdk_ec2::operation::authorize_security_group_ingress::AuthorizeSecurityGroupIngressError;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsError;
use aws_sdk_ec2::operation::revoke_security_group_ingress::RevokeSecurityGroupIngressError;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range};
use dockerutils_dock::Network;
use serde_json::json;

use super::tagged::{filter, filter_word};
use crate::resource::TAG_ATTEMPT;
use crate::{Call, Clients, Id, SdkResult, Words};

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

/// The permission for ssh from these networks, as a request and as the words of an `aws` command.
struct SshPermission<'a> {
    sources: &'a [Network],
    description: Option<&'a str>,
}

impl SshPermission<'_> {
    fn request(&self) -> IpPermission {
        let builder = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
        let description = self.description.map(str::to_owned);
        let add = |builder: aws_sdk_ec2::types::builders::IpPermissionBuilder, source: &Network| {
            let (network, description) = (source.to_string(), description.clone());
            if source.is_ipv6() {
                let range = Ipv6Range::builder().cidr_ipv6(network).set_description(description);
                builder.ipv6_ranges(range.build())
            } else {
                let range = IpRange::builder().cidr_ip(network).set_description(description);
                builder.ip_ranges(range.build())
            }
        };
        self.sources.iter().fold(builder, add).build()
    }

    fn words(&self, group: &Id) -> Words {
        let range = |key: &str, source: &Network| match self.description {
            Some(description) => json!({key: source.to_string(), "Description": description}),
            None => json!({key: source.to_string()}),
        };
        let (v4, v6): (Vec<&Network>, Vec<&Network>) =
            self.sources.iter().partition(|source| !source.is_ipv6());
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22});
        if !v4.is_empty() {
            permission["IpRanges"] = v4.into_iter().map(|source| range("CidrIp", source)).collect();
        }
        if !v6.is_empty() {
            permission["Ipv6Ranges"] = v6.into_iter().map(|source| range("CidrIpv6", source)).collect();
        }
        Words::new().with_id("--group-id", group).with("--ip-permissions", json!([permission]).to_string())
    }
}

/// Lets these networks connect to port 22.
#[derive(Debug, Clone)]
pub struct AuthorizeSsh {
    /// The group.
    pub group: Id,
    /// The networks.
    pub sources: Vec<Network>,
    /// The description of the rules.
    pub description: String,
}

impl AuthorizeSsh {
    fn permission(&self) -> SshPermission<'_> {
        SshPermission { sources: &self.sources, description: Some(&self.description) }
    }
}

impl Call for AuthorizeSsh {
    type Output = ();
    type Error = AuthorizeSecurityGroupIngressError;
    const ACTION: &'static str = "ec2:AuthorizeSecurityGroupIngress";

    fn resource(&self) -> String {
        format!("security group {}", self.group)
    }

    fn words(&self) -> Words {
        self.permission().words(&self.group)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), Self::Error> {
        let request = clients.ec2.authorize_security_group_ingress().set_group_id(self.group.known());
        request.ip_permissions(self.permission().request()).send().await.map(drop)
    }
}

/// Removes the rules that let these networks connect to port 22.
#[derive(Debug, Clone)]
pub struct RevokeSsh {
    /// The group.
    pub group: Id,
    /// The networks.
    pub sources: Vec<Network>,
}

impl RevokeSsh {
    fn permission(&self) -> SshPermission<'_> {
        SshPermission { sources: &self.sources, description: None }
    }
}

impl Call for RevokeSsh {
    type Output = ();
    type Error = RevokeSecurityGroupIngressError;
    const ACTION: &'static str = "ec2:RevokeSecurityGroupIngress";

    fn resource(&self) -> String {
        format!("security group {}", self.group)
    }

    fn words(&self) -> Words {
        self.permission().words(&self.group)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), Self::Error> {
        let request = clients.ec2.revoke_security_group_ingress().set_group_id(self.group.known());
        request.ip_permissions(self.permission().request()).send().await.map(drop)
    }
}
