//! The work of `gc-docks`.

mod journals;
mod known;
mod places;
mod removal;
mod table;

use chrono::Utc;
use dockerutils_dock::{AwsName, Docks};
use dockerutils_ec2::block_on;
use dockerutils_ec2::calls::Tagged;
use dockerutils_ec2::life::censuses;
use dockerutils_ec2::selection::{Finding, Limits, Reason, select};
use dockerutils_project::User;

use self::journals::DeadJournal;
use super::error::Ec2Error;
use super::notes::Notes;
use crate::commands::gc_docks::Args;
use crate::{Result, ui};

/// Lists what no record explains, and deletes it with `--yes`.
pub(super) fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    let runner = args.echo.runner(args.dry_run);
    let known = known::known(&docks)?;
    let limits = Limits {
        owner: AwsName::of_user(&User::current().name).to_string(),
        now: Utc::now().timestamp(),
        min_age: i64::from(args.older_than) * 60,
    };
    let journals = journals::dead(&docks)?;
    let (findings, left) = block_on(async {
        let accounts = places::open(&docks, &journals, args, &runner, &Notes).await?;
        let mut findings: Vec<(usize, Finding)> = Vec::new();
        let searched = places::searched(&accounts).await?;
        let needs_protection = |id: &str| !known.instances.contains(id);
        let resources = censuses(&accounts, &Tagged::All, &needs_protection).await?;
        let disks = table::disks(resources.iter().flatten());
        // Two profiles may lead to the same account.
        let mut seen = std::collections::BTreeSet::new();
        for (index, found) in resources.into_iter().enumerate() {
            let found = select(found, &known, &limits).into_iter();
            let is_new = |finding: &Finding| {
                seen.insert((finding.resource.region.clone(), finding.resource.id.clone()))
            };
            let found: Vec<Finding> = found.filter(is_new).collect();
            findings.extend(found.into_iter().map(|finding| (index, finding)));
        }
        let prices = table::prices(&accounts, &findings, disks).await;
        let left = if args.yes {
            print(args, &findings, &journals, &prices, &limits)?;
            removal::remove(&accounts, &findings).await?
        } else {
            findings.iter().map(|(_, finding)| finding.clone()).collect()
        };
        if !args.yes {
            print(args, &findings, &journals, &prices, &limits)?;
        }
        let removable = |journal: &DeadJournal| {
            args.yes
                && !args.dry_run
                && searched.contains(&(journal.account.clone(), journal.region.clone()))
                && limits.now - journal.begun >= limits.min_age
                // Its dock is registered and may run: only create-dock --resume and destroy-dock end it.
                && !known.attempts.contains(&journal.attempt)
                && !left.iter().any(|finding| finding.resource.origin.attempt == journal.attempt)
        };
        let left_journals = journals::remove(journals, removable)?;
        Ok::<_, crate::Error>((findings.len(), (left, left_journals)))
    })?;
    conclude(findings, &left.0, left.1, args)
}

fn print(
    args: &Args,
    findings: &[(usize, Finding)],
    journals: &[DeadJournal],
    prices: &table::Prices,
    limits: &Limits,
) -> Result {
    let findings: Vec<&Finding> = findings.iter().map(|(_, finding)| finding).collect();
    if args.json {
        ui::print_json(&table::json(&findings, journals, prices, limits))?;
    } else if !findings.is_empty() || !journals.is_empty() {
        ui::print_line(table::table(&findings, journals, prices, limits))?;
    }
    Ok(())
}

/// Ends the command: something that is left is an error, except for snapshots that the user has chosen to keep.
fn conclude(found: usize, left: &[Finding], left_journals: usize, args: &Args) -> Result {
    let count = left.iter().filter(|finding| finding.reason != Reason::Kept).count() + left_journals;
    if count == 0 {
        let kept = match left.len() {
            0 => String::new(),
            kept => format!(", apart from the snapshots that you have kept ({kept})"),
        };
        let deleted = if found > left.len() { " any more" } else { "" };
        ui::note(format_args!("nothing is left of docks{deleted}{kept}"));
        return Ok(());
    }
    let deletable = left.iter().filter(|finding| finding.obstacle.is_none()).count();
    let remedy = if args.yes {
        "the last column has the reasons".to_owned()
    } else if deletable > 0 || left_journals > 0 {
        format!("`gc-docks --yes` deletes {} of them", deletable + left_journals)
    } else {
        "none of them is deleted by --yes, for the reasons in the last column".to_owned()
    };
    Err(Ec2Error::Left(format!("{count} resources of docks are left: {remedy}")).into())
}
