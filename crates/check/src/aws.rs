//! Credentials of AWS.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Finding;

/// Credentials that end sooner than this are a warning.
const SOON: TimeDelta = TimeDelta::minutes(30);

/// What AWS knows about the caller, as `dock-ec2 caller` prints it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsFacts {
    /// The region.
    pub region: String,
    /// The number of the account.
    pub account: String,
    /// The user or role.
    pub caller: String,
    /// Until when the credentials are valid, in seconds since 1970; `None` if they do not end, or if it is not known.
    pub expires: Option<i64>,
}

/// Judges the credentials; an error contains the reason why they cannot be used.
pub fn judge_aws(facts: Result<&AwsFacts, &str>, now: DateTime<Utc>) -> Vec<Finding> {
    match facts {
        Err(reason) => {
            vec![Finding::problem("aws.credentials", reason).fix("aws sts get-caller-identity")]
        }
        Ok(facts) => vec![
            credentials(facts, now),
            Finding::ok("aws.region", &facts.region),
            Finding::ok("aws.account", &facts.account),
        ],
    }
}

fn credentials(AwsFacts { caller, expires, .. }: &AwsFacts, now: DateTime<Utc>) -> Finding {
    let id = "aws.credentials";
    let Some(expires) = expires.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else {
        return Finding::ok(id, format!("those of {caller}, without an end"));
    };
    let evidence = format!("those of {caller}, valid until {} UTC", expires.format("%Y-%m-%d %H:%M"));
    if expires - now >= SOON {
        return Finding::ok(id, evidence);
    }
    Finding::warning(id, format!("{evidence}, in {} min", (expires - now).num_minutes().max(0)))
        .fix("aws sso login")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    fn facts(expires: Option<i64>) -> AwsFacts {
        AwsFacts {
            region: "eu-central-1".to_owned(),
            account: "123456789012".to_owned(),
            caller: "ada".to_owned(),
            expires,
        }
    }

    #[test]
    fn credentials_that_end_soon_are_a_warning_and_missing_ones_a_problem() {
        let now = DateTime::UNIX_EPOCH;
        for (expires, severity) in [
            (None, Severity::Ok),
            (Some(7200), Severity::Ok),
            (Some(600), Severity::Warning),
            (Some(-5), Severity::Warning),
        ] {
            let findings = judge_aws(Ok(&facts(expires)), now);
            assert_eq!(findings[0].severity, severity, "{expires:?}");
            assert!(findings[1..].iter().all(|finding| finding.severity == Severity::Ok));
        }
        assert_eq!(judge_aws(Err("there are no credentials"), now)[0].severity, Severity::Problem);
    }
}
