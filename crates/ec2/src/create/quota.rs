//! The quotas for vCPU, of which a new account often has none for GPUs.

use super::CreateError;
use super::candidates::Candidate;
use crate::Error;

/// A quota of Service Quotas: which types count, as on-demand and as spot instances.
struct Quota {
    /// The beginnings of the types that count, without the generation.
    families: &'static [&'static str],
    is_spot: bool,
    name: &'static str,
    code: &'static str,
}

/// The beginnings of the types that count for the quotas named Standard.
const STANDARD: &[&str] = &["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"];

/// The beginnings of the types that count for the quotas of G and VT.
const G_AND_VT: &[&str] = &["g", "gr", "vt"];

/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-quotas.html>.
const QUOTAS: [Quota; 5] = [
    Quota {
        families: STANDARD,
        is_spot: false,
        name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        code: "L-1216C47A",
    },
    Quota {
        families: G_AND_VT,
        is_spot: false,
        name: "Running On-Demand G and VT instances",
        code: "L-DB2E81BA",
    },
    Quota { families: &["p"], is_spot: false, name: "Running On-Demand P instances", code: "L-417A185B" },
    Quota {
        families: STANDARD,
        is_spot: true,
        name: "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
        code: "L-34B43A08",
    },
    Quota {
        families: G_AND_VT,
        is_spot: true,
        name: "All G and VT Spot Instance Requests",
        code: "L-3819A6DF",
    },
];

/// Returns the error of RunInstances with the quota, if that is the reason and a known one.
pub(super) fn explained(error: Error, candidate: &Candidate, is_spot: bool, region: &str) -> Error {
    let call = error.call().filter(|call| call.is(&["VcpuLimitExceeded"]));
    let quota = call.and_then(|call| exceeded(candidate, is_spot, region, &call.message));
    quota.map_or(error, Into::into)
}

/// Returns the error for a machine that the quota does not allow; `None` if its quota is not known.
///
/// `message` is that of EC2, which contains the limit.
fn exceeded(candidate: &Candidate, is_spot: bool, region: &str, message: &str) -> Option<CreateError> {
    let family: String = candidate.instance_type.chars().take_while(char::is_ascii_lowercase).collect();
    let is_it = |quota: &&Quota| quota.is_spot == is_spot && quota.families.contains(&family.as_str());
    let quota = QUOTAS.iter().find(is_it)?;
    Some(CreateError::Quota {
        quota: quota.name,
        code: quota.code,
        region: region.to_owned(),
        instance_type: candidate.instance_type.clone(),
        cpus: candidate.cpus,
        limit: limit(message),
    })
}

/// Returns the limit in `… your current vCPU limit of 8 allows for …`.
fn limit(message: &str) -> Option<i32> {
    let (_, rest) = message.split_once("limit of ")?;
    rest.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket \
                           that the specified instance type belongs to.";

    fn candidate(instance_type: &str, cpus: i32) -> Candidate {
        let (subnet, zone) = ("subnet-1".to_owned(), "us-east-1a".to_owned());
        Candidate { instance_type: instance_type.to_owned(), subnet, zone, cpus }
    }

    #[test]
    fn the_quota_is_named_with_its_value_and_the_command_that_raises_it() {
        let error =
            exceeded(&candidate("g6.xlarge", 4), false, "us-east-1", MESSAGE).expect("a quota").to_string();
        assert_eq!(
            error,
            "your quota Running On-Demand G and VT instances allows 0 vCPU here, and g6.xlarge needs 4 more: choose another \
             region, or request more with `aws service-quotas request-service-quota-increase --region us-east-1 \
             --service-code ec2 --quota-code L-DB2E81BA --desired-value 4`"
        );
    }

    #[test]
    fn each_family_has_its_quota() {
        let code =
            |instance_type: &str, is_spot| match exceeded(&candidate(instance_type, 2), is_spot, "", "") {
                Some(CreateError::Quota { code, limit: None, .. }) => code,
                _ => "",
            };
        assert_eq!(code("m7i.large", false), "L-1216C47A");
        assert_eq!(code("c6gd.large", true), "L-34B43A08");
        assert_eq!(code("p5.48xlarge", false), "L-417A185B");
        assert_eq!(code("vt1.3xlarge", true), "L-3819A6DF");
        assert_eq!(code("inf2.xlarge", false), "");
    }
}
