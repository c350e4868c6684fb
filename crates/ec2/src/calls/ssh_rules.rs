//! A security group for ssh: creating it, and its rules.

use aws_sdk_ec2::operation::authorize_security_group_ingress::AuthorizeSecurityGroupIngressError;
use aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupError;
use aws_sdk_ec2::operation::revoke_security_group_ingress::RevokeSecurityGroupIngressError;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, ResourceType};
use dockerutils_dock::Network;
use serde_json::json;

use crate::{Call, Clients, Id, SdkResult, Tags, Words};

/// Creates a security group without rules, and returns its ID.
#[derive(Debug, Clone)]
pub struct CreateSecurityGroup {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its VPC.
    pub vpc: String,
    /// Its tags.
    pub tags: Tags,
}

impl Call for CreateSecurityGroup {
    type Output = String;
    type Error = CreateSecurityGroupError;
    const ACTION: &'static str = "ec2:CreateSecurityGroup";

    fn resource(&self) -> String {
        format!("security group {}", self.name)
    }

    fn words(&self) -> Words {
        let words = Words::new()
            .with("--group-name", &self.name)
            .with("--description", &self.description)
            .with("--vpc-id", &self.vpc);
        self.tags.words(words, &[ResourceType::SecurityGroup])
    }

    async fn send(&self, clients: &Clients) -> SdkResult<String, Self::Error> {
        let response = clients
            .ec2
            .create_security_group()
            .group_name(&self.name)
            .description(&self.description)
            .vpc_id(&self.vpc)
            .tag_specifications(self.tags.specification(ResourceType::SecurityGroup))
            .send()
            .await?;
        Ok(response.group_id.unwrap_or_default())
    }
}

/// The permission for ssh from these networks.
fn ssh_permission(sources: &[Network], description: Option<&str>) -> IpPermission {
    let builder = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
    let description = description.map(str::to_owned);
    sources
        .iter()
        .fold(builder, |builder, source| match source.is_ipv6() {
            false => builder.ip_ranges(
                IpRange::builder().cidr_ip(source.to_string()).set_description(description.clone()).build(),
            ),
            true => builder.ipv6_ranges(
                Ipv6Range::builder()
                    .cidr_ipv6(source.to_string())
                    .set_description(description.clone())
                    .build(),
            ),
        })
        .build()
}

fn permission_words(group: &Id, sources: &[Network], description: Option<&str>) -> Words {
    let range = |key: &str, source: &Network| match description {
        Some(description) => json!({key: source.to_string(), "Description": description}),
        None => json!({key: source.to_string()}),
    };
    let (v4, v6): (Vec<&Network>, Vec<&Network>) = sources.iter().partition(|source| !source.is_ipv6());
    let mut permission = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22});
    if !v4.is_empty() {
        permission["IpRanges"] = v4.into_iter().map(|source| range("CidrIp", source)).collect();
    }
    if !v6.is_empty() {
        permission["Ipv6Ranges"] = v6.into_iter().map(|source| range("CidrIpv6", source)).collect();
    }
    Words::new().with_id("--group-id", group).with("--ip-permissions", json!([permission]).to_string())
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

impl Call for AuthorizeSsh {
    type Output = ();
    type Error = AuthorizeSecurityGroupIngressError;
    const ACTION: &'static str = "ec2:AuthorizeSecurityGroupIngress";

    fn resource(&self) -> String {
        format!("security group {}", self.group)
    }

    fn words(&self) -> Words {
        permission_words(&self.group, &self.sources, Some(&self.description))
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), Self::Error> {
        let request = clients.ec2.authorize_security_group_ingress().set_group_id(self.group.known());
        request
            .ip_permissions(ssh_permission(&self.sources, Some(&self.description)))
            .send()
            .await
            .map(|_| ())
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

impl Call for RevokeSsh {
    type Output = ();
    type Error = RevokeSecurityGroupIngressError;
    const ACTION: &'static str = "ec2:RevokeSecurityGroupIngress";

    fn resource(&self) -> String {
        format!("security group {}", self.group)
    }

    fn words(&self) -> Words {
        permission_words(&self.group, &self.sources, None)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), Self::Error> {
        let request = clients.ec2.revoke_security_group_ingress().set_group_id(self.group.known());
        request.ip_permissions(ssh_permission(&self.sources, None)).send().await.map(|_| ())
    }
}
