//! Values of `dock.cfg` that no record contains: tags, networks, the image, the packages of docker.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use dockerutils_command::printable;
use ipnet::IpNet;

use crate::{AwsName, Invalid, ResourceId};

/// A tag of what is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key, of at most 128 characters.
    pub key: String,
    /// The value, of at most 256 characters.
    pub value: String,
}

impl FromStr for Tag {
    type Err = Invalid;

    /// Parses `KEY=VALUE`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_key = |key: &str| {
            let is_reserved = key.starts_with("aws:") || key.starts_with("dockerutils:") || key == "Name";
            (1..=128).contains(&key.chars().count()) && !is_reserved
        };
        let is_value = |value: &str| value.chars().count() <= 256;
        let pair = text.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
        match pair.filter(|(key, value)| is_key(key) && is_value(value) && !text.contains(char::is_control)) {
            Some((key, value)) => Ok(Tag { key: key.to_owned(), value: value.to_owned() }),
            None => Err(Invalid {
                value: text.to_owned(),
                what: "tag",
                form: "write KEY=VALUE; the key may not be Name, or begin with aws: or dockerutils:",
            }),
        }
    }
}

/// Parses `K=V,K=V`, or what the aws CLI takes: `ResourceType=instance,Tags=[{Key=K,Value=V},…]`, any number of them. All that
/// is created for a dock gets all of the tags.
pub(super) fn tags(text: &str) -> Result<Vec<Tag>, String> {
    let mut tags: Vec<Tag> = Vec::new();
    for tag in
        if text.contains("Tags=") { tags_of_cli(text)? } else { text.split(',').map(str::to_owned).collect() }
    {
        let tag: Tag = tag.parse().map_err(|error: Invalid| error.to_string())?;
        match tags.iter().find(|known| known.key == tag.key) {
            Some(known) if *known != tag => {
                return Err(format!("the tag `{}` has two values", printable(&tag.key)));
            }
            Some(_) => {}
            None => tags.push(tag),
        }
    }
    Ok(tags)
}

/// Returns the tags of the aws CLI's spelling as `K=V`.
fn tags_of_cli(text: &str) -> Result<Vec<String>, String> {
    let problem =
        || "write K=V,K=V, or ResourceType=instance,Tags=[{Key=K,Value=V}] as the aws CLI has it".to_owned();
    let (mut rest, mut tags) = (text.trim(), Vec::new());
    while !rest.is_empty() {
        let (kind, after) = rest.split_once(",Tags=[").ok_or_else(problem)?;
        let is_kind = kind
            .strip_prefix("ResourceType=")
            .is_some_and(|kind| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        let (list, after) = after.split_once(']').filter(|_| is_kind).ok_or_else(problem)?;
        let mut list = list.trim();
        while !list.is_empty() {
            let (tag, after) =
                list.strip_prefix('{').and_then(|tag| tag.split_once('}')).ok_or_else(problem)?;
            let (key, value) = tag
                .trim()
                .strip_prefix("Key=")
                .and_then(|pair| pair.split_once(",Value="))
                .ok_or_else(problem)?;
            tags.push(format!("{}={}", unquoted(key), unquoted(value)));
            list = after.trim_start().trim_start_matches(',').trim_start();
        }
        rest = after.trim_start();
    }
    Ok(tags)
}

fn unquoted(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// A network, as `ADDRESS/BITS`. The bits of the address beyond the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Returns the network that contains one address only.
    pub fn of_one(address: IpAddr) -> Self {
        Network(address.into())
    }

    /// Returns whether its addresses are those of IPv6.
    pub fn is_ipv6(self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    /// Returns whether it contains one address only.
    pub fn is_one_address(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }

    /// Returns whether it contains this address.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Returns whether it contains every address.
    pub fn is_everything(self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl FromStr for Network {
    type Err = Invalid;

    /// Parses `ADDRESS/BITS`, or an address alone.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let network: Option<IpNet> =
            text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.map(|network| Network(network.trunc())).ok_or_else(|| Invalid {
            value: text.to_owned(),
            what: "network",
            form: "write an address, or ADDRESS/BITS as in 203.0.113.0/24",
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstanceProfile {
    /// By name.
    Name(AwsName),
    /// By its Amazon Resource Name.
    Arn(String),
}

impl FromStr for InstanceProfile {
    type Err = Invalid;

    /// Parses a name or an ARN, also in the aws CLI's spelling `Name=…` and `Arn=…`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let arn = text.strip_prefix("Arn=").unwrap_or(text);
        let is_arn = arn.starts_with("arn:")
            && arn.contains(":instance-profile/")
            && arn.len() <= 2048
            && arn.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '`' | '$'));
        let invalid = || Invalid {
            value: text.to_owned(),
            what: "instance profile",
            form: "write its name, or arn:aws:iam::ACCOUNT:instance-profile/NAME",
        };
        match text.strip_prefix("Name=").unwrap_or(text).parse() {
            _ if is_arn => Ok(InstanceProfile::Arn(arn.to_owned())),
            Ok(name) => Ok(InstanceProfile::Name(name)),
            Err(_) => Err(invalid()),
        }
    }
}

/// The image (AMI) of a dock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChoice {
    /// By its ID.
    Id(ResourceId),
    /// By the name of a public parameter of AWS's Systems Manager, which contains the ID of the newest image.
    Parameter(String),
}

impl FromStr for ImageChoice {
    type Err = Invalid;

    /// Parses `ami-…` or `resolve:ssm:NAME`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_name = |name: &&str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | ':');
            (1..=1011).contains(&name.len()) && name.chars().all(is_plain)
        };
        let id = || text.parse().ok().filter(|_| text.starts_with("ami-")).map(ImageChoice::Id);
        let parameter = text.strip_prefix("resolve:ssm:").filter(is_name);
        parameter.map(|name| ImageChoice::Parameter(name.to_owned())).or_else(id).ok_or_else(|| Invalid {
            value: text.to_owned(),
            what: "image",
            form: "write ami-…, or resolve:ssm: and the name of a parameter",
        })
    }
}

/// The size of a dock's disk in GiB: 1 to 65536.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSize(u32);

impl DiskSize {
    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for DiskSize {
    fn default() -> Self {
        DiskSize(100)
    }
}

impl FromStr for DiskSize {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = text.parse().ok().filter(|_| text.chars().all(|c| c.is_ascii_digit()));
        let form = "write a number of GiB from 1 to 65536";
        let number = number.filter(|number| (1..=65536).contains(number));
        number.map(DiskSize).ok_or_else(|| Invalid { value: text.to_owned(), what: "disk size", form })
    }
}

/// Which packages of docker cloud-init installs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DockerPackages {
    /// Those of Ubuntu.
    #[default]
    Ubuntu,
    /// Docker's own, from docker's repository.
    Ce,
}

impl FromStr for DockerPackages {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "ubuntu" => Ok(DockerPackages::Ubuntu),
            "ce" => Ok(DockerPackages::Ce),
            _ => Err(Invalid {
                value: text.to_owned(),
                what: "choice of docker's packages",
                form: "write ubuntu or ce",
            }),
        }
    }
}
