//! The states of many instances, in several accounts and regions at the same time.

use std::collections::BTreeSet;
use std::time::Duration;

use dockerutils_command::Runner;
use futures_util::future::join_all;

use crate::calls::{DescribeInstances, GetCallerIdentity};
use crate::{Account, Instance, Observer, Result, Scope};

use super::LifeError;

/// How many IDs a filter may have.
const MAX_IDS: usize = 200;

/// The instances that records name in one account and region.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Region and profile.
    pub scope: Scope<'a>,
    /// The number of the account, if the records contain it.
    pub account: Option<&'a str>,
    /// The IDs of the instances.
    pub ids: Vec<String>,
}

/// What EC2 knows about a group.
#[derive(Debug, Clone, Default)]
pub struct GroupStates {
    /// The instances that it knows.
    pub instances: Vec<Instance>,
    /// The IDs of those that do not exist any more.
    pub gone: Vec<String>,
}

/// Looks up groups of instances, all at once, with one call for each. The results have the order of the groups.
///
/// A failure, or a response that takes longer than `timeout`, concerns its own group only.
pub async fn states(
    groups: &[Group<'_>],
    timeout: Duration,
    runner: &Runner,
    observer: &dyn Observer,
    echoes_reads: bool,
) -> Vec<Result<GroupStates>> {
    let look_up = |group| async move {
        let looked_up = tokio::time::timeout(timeout, state_of(group, runner, observer, echoes_reads)).await;
        let region = group.scope.region.unwrap_or("the default region").to_owned();
        looked_up.unwrap_or_else(|_| Err(LifeError::Slow { region, seconds: timeout.as_secs() }.into()))
    };
    join_all(groups.iter().map(look_up)).await
}

async fn state_of(
    group: &Group<'_>,
    runner: &Runner,
    observer: &dyn Observer,
    echoes_reads: bool,
) -> Result<GroupStates> {
    let account = Account::open(group.scope, runner, observer, echoes_reads).await?;
    let mut instances = Vec::new();
    for ids in group.ids.chunks(MAX_IDS) {
        instances.extend(account.call(&DescribeInstances::WithIds(ids.to_vec())).await?);
    }
    let known: BTreeSet<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
    let missing: Vec<String> = group.ids.iter().filter(|id| !known.contains(id.as_str())).cloned().collect();
    // In another account an instance is unknown, but not gone.
    let gone = if missing.is_empty() {
        missing
    } else {
        let caller = account.call(&GetCallerIdentity).await?;
        match group.account {
            Some(of_records) if of_records == caller.account => missing,
            Some(of_records) => {
                let (of_records, of_caller) = (of_records.to_owned(), caller.account);
                return Err(LifeError::OtherAccount { of_records, of_caller }.into());
            }
            None => Vec::new(),
        }
    };
    Ok(GroupStates { instances, gone })
}
