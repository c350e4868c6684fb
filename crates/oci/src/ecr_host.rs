//! Hosts of Amazon's registries.

/// The host of an ECR registry, of which there is one for each account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrHost {
    /// The host as it is written.
    pub host: String,
    /// The number of the account that the registry belongs to.
    pub account: String,
    /// The region that the registry is in.
    pub region: String,
}

/// The texts between account and region, and after the region, of the original form and of the dual-stack form.
const FORMS: [(&[&str], &[&str]); 2] = [
    (&["dkr.ecr.", "dkr.ecr-fips."], &[".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu"]),
    (&["dkr-ecr.", "dkr-ecr-fips."], &[".on.aws", ".on.amazonwebservices.com.cn"]),
];

impl EcrHost {
    /// Parses `ACCOUNT.dkr.ecr.REGION.amazonaws.com` and its variants for FIPS, dual-stack and China.
    ///
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
    pub fn parse(host: &str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let region = FORMS.iter().find_map(|(services, domains)| {
            let rest = services.iter().find_map(|service| rest.strip_prefix(service))?;
            domains.iter().find_map(|domain| rest.strip_suffix(domain))
        })?;
        // The IDs of AWS accounts have exactly twelve digits.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_ecr_host_is_recognized() {
        for (host, region) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ] {
            let ecr = EcrHost::parse(host).unwrap();
            assert_eq!((ecr.host.as_str(), ecr.account.as_str()), (host, "123456789012"));
            assert_eq!(ecr.region, region);
        }
    }

    #[test]
    fn other_hosts_of_amazon_are_not_ecr() {
        for host in ["public.ecr.aws", "12345.dkr.ecr.us-east-1.amazonaws.com", "a.dkr.ecr..amazonaws.com"] {
            assert_eq!(EcrHost::parse(host), None, "{host}");
        }
    }
}
