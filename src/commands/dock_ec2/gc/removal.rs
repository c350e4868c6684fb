//! Deleting what was selected, attempt by attempt.

use std::collections::BTreeSet;

use dockerutils_ec2::life::{delete, end_instances};
use dockerutils_ec2::resource::{Kind, Resource};
use dockerutils_ec2::selection::Finding;
use dockerutils_ec2::{Account, Result};

use crate::ui;

/// Deletes the findings without an obstacle, each with the account at its index, and returns those that are left. A failure
/// does not keep the resources of other attempts from being deleted; it is reported.
///
/// # Errors
/// Fails if a signal arrives.
pub(super) async fn remove(accounts: &[Account<'_>], findings: &[(usize, Finding)]) -> Result<Vec<Finding>> {
    let mut left: Vec<Finding> =
        findings.iter().map(|(_, finding)| finding).filter(|it| it.obstacle.is_some()).cloned().collect();
    let deletable: Vec<_> = findings.iter().filter(|(_, finding)| finding.obstacle.is_none()).collect();
    let attempts: BTreeSet<(usize, &str)> =
        deletable.iter().map(|(index, finding)| (*index, finding.resource.origin.attempt.as_str())).collect();
    for (index, attempt) in attempts {
        let is_of_attempt =
            |(of, finding): &&&(usize, Finding)| *of == index && finding.resource.origin.attempt == attempt;
        let of_attempt: Vec<&Finding> =
            deletable.iter().filter(is_of_attempt).map(|(_, finding)| finding).collect();
        let resources: Vec<&Resource> = of_attempt.iter().map(|finding| &finding.resource).collect();
        match remove_attempt(&accounts[index], &resources).await {
            Err(error) if error.is_interrupted() => return Err(error),
            Err(error) => {
                ui::note(error);
                left.extend(of_attempt.into_iter().cloned());
            }
            Ok(()) if accounts[index].runner().is_dry_run() => left.extend(of_attempt.into_iter().cloned()),
            Ok(()) => {}
        }
    }
    Ok(left)
}

async fn remove_attempt(account: &Account<'_>, resources: &[&Resource]) -> Result {
    let ids = |is_wanted: fn(&Kind) -> bool| {
        resources.iter().filter(|it| is_wanted(&it.kind)).map(|it| it.id.clone()).collect::<Vec<_>>()
    };
    let requests = ids(|kind| matches!(kind, Kind::SpotRequest { .. }));
    let instances = ids(|kind| matches!(kind, Kind::Instance(_)));
    end_instances(account, &requests, &instances, false).await?;
    // The selection lists keys last, after the groups.
    for resource in resources {
        delete(account, resource).await?;
    }
    Ok(())
}
