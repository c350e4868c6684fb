//! Which registry a reference names.

use std::fmt;

use crate::Reference;

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registry {
    /// Amazon's, one for each account and region.
    Ecr(EcrHost),
    /// Docker Hub: no host is named.
    Hub,
    /// Any other host.
    Host(String),
}

/// The host of a registry of Amazon's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrHost {
    /// The host itself.
    pub host: String,
    /// The account that it belongs to.
    pub account: String,
    /// The region that it is in.
    pub region: String,
}

impl EcrHost {
    /// Reads `ACCOUNT.dkr.ecr.REGION.amazonaws.com`; `-fips`, `.on.aws` and China's ending are known too.
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
    pub fn parse(host: &str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let endings: [(&[&str], &[&str]); 2] = [
            (&["dkr.ecr.", "dkr.ecr-fips."], &[".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"]),
            (&["dkr-ecr.", "dkr-ecr-fips."], &[".on.aws", ".on.amazonwebservices.com.cn"]),
        ];
        let region = endings.iter().find_map(|(services, domains)| {
            let rest = services.iter().find_map(|service| rest.strip_prefix(service))?;
            domains.iter().find_map(|domain| rest.strip_suffix(domain))
        })?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_region =
            !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_account && is_region).then(|| EcrHost {
            host: host.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }
}

impl Reference {
    /// The registry that it names.
    pub fn registry(&self) -> Registry {
        match self.host() {
            None | Some("docker.io" | "index.docker.io") => Registry::Hub,
            Some(host) => EcrHost::parse(host).map_or_else(|| Registry::Host(host.to_owned()), Registry::Ecr),
        }
    }

    /// The name without the registry's host.
    pub fn repository(&self) -> &str {
        self.host().map_or(self.name(), |host| &self.name()[host.len() + 1..])
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Registry::Ecr(ecr) => f.write_str(&ecr.host),
            Registry::Hub => f.write_str("Docker Hub"),
            Registry::Host(host) => f.write_str(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> Registry {
        Reference::parse(text).unwrap().registry()
    }

    #[test]
    fn a_reference_names_its_registry() {
        for hub in ["app", "me/app:1", "docker.io/me/app", "index.docker.io/me/app"] {
            assert_eq!(registry(hub), Registry::Hub, "{hub}");
        }
        for (text, host) in [
            ("localhost/app", "localhost"),
            ("localhost:5000/app", "localhost:5000"),
            ("ghcr.io/me/app:1", "ghcr.io"),
            ("public.ecr.aws/me/app", "public.ecr.aws"),
            ("12345.dkr.ecr.us-east-1.amazonaws.com/app", "12345.dkr.ecr.us-east-1.amazonaws.com"),
        ] {
            assert_eq!(registry(text), Registry::Host(host.to_owned()));
        }
    }

    #[test]
    fn the_hosts_of_ecr_are_known() {
        for (host, region) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ] {
            let Registry::Ecr(ecr) = registry(&format!("{host}/a/b:c")) else { panic!("{host}") };
            assert_eq!((ecr.account.as_str(), ecr.region.as_str()), ("123456789012", region));
        }
    }

    #[test]
    fn the_repository_is_the_name_without_the_host() {
        for (text, repository) in
            [("app:1", "app"), ("me/app", "me/app"), ("localhost:5000/me/app:1", "me/app")]
        {
            assert_eq!(Reference::parse(text).unwrap().repository(), repository);
        }
    }
}
