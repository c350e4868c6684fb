//! The rule that lets this machine connect to a dock. It follows the user, whose address changes from network to network.

use std::net::IpAddr;

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

/// Returns the description of the rules for what the user has chosen with `--allow`. They stay when the user's address changes.
pub(crate) fn chosen_rule_description(user: &str) -> String {
    rule_description(&format!("allowed by {user}"))
}

/// Returns the rules for ssh of those of these security groups that create-dock has made. Groups of the user's have none: they
/// are not changed.
///
/// # Errors
/// Fails if the call fails.
pub async fn own_ssh_rules(account: &Account<'_>, groups: &[String]) -> Result<Vec<SshRules>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    account.call(&DescribeSshRules(groups.to_vec())).await
}

/// Lets an address connect to a security group that create-dock has made, in place of the last address that had the same
/// description.
///
/// Returns whether a rule was changed.
///
/// # Errors
/// Fails if a call fails.
pub async fn let_in(
    account: &Account<'_>,
    rules: &SshRules,
    address: IpAddr,
    description: &str,
) -> Result<bool> {
    let group = Id::from(rules.group.as_str());
    let Access { is_open, outdated } = Access::of(rules, address, description);
    // The new rule first: a failure in between leaves the old one in place.
    if !is_open {
        let sources = vec![Network::of_one(address)];
        let call = AuthorizeSsh { group: group.clone(), sources, description: description.to_owned() };
        match account.apply(&call).await {
            Err(error) if error.is(&["InvalidPermission.Duplicate"]) => {}
            done => done?,
        }
    }
    let is_changed = !is_open || !outdated.is_empty();
    if !outdated.is_empty() {
        match account.apply(&RevokeSsh { group, sources: outdated }).await {
            Err(error) if error.is(&["InvalidPermission.NotFound"]) => {}
            done => done?,
        }
    }
    Ok(is_changed)
}

/// What the rules of a group mean for an address.
struct Access {
    /// Whether the address may connect already.
    is_open: bool,
    /// The addresses of earlier rules with the same description.
    outdated: Vec<Network>,
}

impl Access {
    fn of(rules: &SshRules, address: IpAddr, description: &str) -> Self {
        let sources: Vec<(Network, bool)> = rules
            .sources
            .iter()
            .filter_map(|(network, of_rule)| Some((network.parse().ok()?, of_rule == description)))
            .collect();
        let own = Network::of_one(address);
        let is_open = sources.iter().any(|(network, _)| network.contains(address));
        // An address that a network of --allow contains needs no rule of its own, and takes the place of none.
        let moves = !is_open || sources.contains(&(own, true));
        // A whole network was never the address of this machine.
        let is_outdated =
            |(network, is_ours): &&(Network, bool)| *is_ours && network.is_one_address() && *network != own;
        let outdated = sources.iter().filter(is_outdated).filter(|_| moves).map(|(network, _)| *network);
        Access { is_open, outdated: outdated.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_takes_the_place_of_an_earlier_one_and_of_no_network() {
        let access = |sources: &[(&str, &str)]| {
            let sources = sources.iter().map(|(network, of)| ((*network).to_owned(), (*of).to_owned()));
            let rules = SshRules { group: "sg-1".to_owned(), sources: sources.collect() };
            let Access { is_open, outdated } = Access::of(&rules, IpAddr::from([192, 0, 2, 7]), "me");
            (is_open, outdated.iter().map(Network::to_string).collect::<Vec<_>>().join(" "))
        };
        for (sources, is_open, outdated) in [
            (&[][..], false, ""),
            (&[("192.0.2.9/32", "me"), ("198.51.100.1/32", "bob")], false, "192.0.2.9/32"),
            (&[("192.0.2.9/32", "me"), ("192.0.2.7/32", "me")], true, "192.0.2.9/32"),
            (&[("10.0.0.0/8", "me"), ("2001:db8::1/128", "me")], false, "2001:db8::1/128"),
            (&[("0.0.0.0/0", "me"), ("192.0.2.9/32", "me")], true, ""),
            (&[("192.0.2.0/24", "bob")], true, ""),
            (&[("what is this", "me")], false, ""),
        ] {
            assert_eq!(access(sources), (is_open, outdated.to_owned()), "{sources:?}");
        }
    }

    #[test]
    fn a_description_has_the_characters_that_ec2_accepts() {
        let description = rule_description("ädä<x>");
        assert!(description.starts_with("-d--x-@") && description.ends_with(" dockerutils"), "{description}");
    }
}
