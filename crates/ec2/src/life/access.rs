//! The rule that lets this machine connect to a dock. It follows the user, whose address changes from network to network.

use dockerutils_dock::Network;
use nix::unistd::gethostname;

use crate::calls::{AuthorizeSsh, DescribeSshRules, RevokeSsh, SshRules};
use crate::{Account, Id, Result};

/// The longest description that EC2 accepts.
const MAX_DESCRIPTION: usize = 255;

/// Returns the description of the rules that this user makes on this machine, by which they are found again.
pub fn rule_description(user: &str) -> String {
    let host = gethostname().unwrap_or_default();
    let text = format!("{user}@{} dockerutils", host.to_string_lossy());
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
    let is_allowed = |c: &char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(*c);
    text.chars().map(|c| if is_allowed(&c) { c } else { '-' }).take(MAX_DESCRIPTION).collect()
}

/// Lets an address connect to the security groups that create-dock has made, in place of the last address that had the same
/// description. Groups of the user's are not changed.
///
/// Returns whether a rule was changed.
///
/// # Errors
/// Fails if a call fails.
pub async fn let_in(
    account: &Account<'_>,
    groups: &[String],
    source: Network,
    description: &str,
) -> Result<bool> {
    if groups.is_empty() {
        return Ok(false);
    }
    let mut is_changed = false;
    for rules in account.call(&DescribeSshRules(groups.to_vec())).await? {
        is_changed |= move_rule(account, &rules, source, description).await?;
    }
    Ok(is_changed)
}

async fn move_rule(
    account: &Account<'_>,
    rules: &SshRules,
    source: Network,
    description: &str,
) -> Result<bool> {
    let group = Id::from(rules.group.as_str());
    let own = source.to_string();
    let is_open = rules.sources.iter().any(|(network, _)| *network == own);
    let old = rules.sources.iter().filter(|(network, of_rule)| of_rule == description && *network != own);
    let old: Vec<Network> = old.filter_map(|(network, _)| network.parse().ok()).collect();
    // The new rule first: a failure in between leaves the old one in place.
    if !is_open {
        let call =
            AuthorizeSsh { group: group.clone(), sources: vec![source], description: description.to_owned() };
        match account.apply(&call).await {
            Err(error) if error.is(&["InvalidPermission.Duplicate"]) => {}
            done => done?,
        }
    }
    let is_changed = !is_open || !old.is_empty();
    if !old.is_empty() {
        match account.apply(&RevokeSsh { group, sources: old }).await {
            Err(error) if error.is(&["InvalidPermission.NotFound"]) => {}
            done => done?,
        }
    }
    Ok(is_changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_the_characters_that_ec2_accepts() {
        let description = rule_description("ädä<x>");
        assert!(description.starts_with("-d--x-@") && description.ends_with(" dockerutils"), "{description}");
    }
}
