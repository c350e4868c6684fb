//! The placeholders `{account}` and `{region}` of `publication_tag`, before and after AWS has given their values.

use std::env;

/// The stand-in for `{account}` while it is not known.
const ACCOUNT: &str = "000000000000";

/// The stand-in for `{region}` while it is not known.
const REGION: &str = "region";

/// The note of a dry run that prints stand-ins.
pub(super) const DRY_RUN_NOTE: &str =
    "a dry run does not query AWS: `000000000000` and `region` stand for {account} and {region}";

/// The values of `{account}` and `{region}`.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) region: String,
}

impl Caller {
    fn new(account: &str, region: &str) -> Self {
        Caller { account: account.to_owned(), region: region.to_owned() }
    }

    /// Returns stand-ins, except for a region that the environment sets.
    pub(super) fn provisional() -> Self {
        Caller::new(ACCOUNT, region_of_environment().as_deref().unwrap_or(REGION))
    }

    /// Returns stand-ins that differ from the provisional ones: a reference that differs with them depends on AWS.
    ///
    /// Searching a reference for the provisional stand-in is not enough: 000000000000 may be a real account.
    pub(super) fn alternative() -> Self {
        Caller::new("111111111111", region_of_environment().as_deref().unwrap_or("other"))
    }

    /// Returns the placeholders themselves, for messages that quote the configuration.
    pub(super) fn as_written() -> Self {
        Caller::new("{account}", "{region}")
    }
}

/// Returns the region of the environment, which the SDK prefers to a profile's.
fn region_of_environment() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_names_the_stand_ins() {
        for stand_in in [ACCOUNT, REGION] {
            assert!(DRY_RUN_NOTE.contains(&format!("`{stand_in}`")), "{stand_in}");
        }
    }
}
