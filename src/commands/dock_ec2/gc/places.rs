//! The accounts and regions that are searched.

use std::collections::{BTreeMap, BTreeSet};

use dockerutils_command::Runner;
use dockerutils_dock::{DockSettings, Docks};
use dockerutils_ec2::calls::{DescribeRegions, GetCallerIdentity};
use dockerutils_ec2::{Account, Observer, Scope};

use super::super::connection::{profile_of_file, scope};
use super::journals::DeadJournal;
use crate::Result;
use crate::commands::gc_docks::Args;

/// A profile and a region; `None` leaves them to the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    profile: Option<String>,
    region: Option<String>,
}

/// Opens the accounts and regions that are searched.
///
/// # Errors
/// Fails if one cannot be opened.
pub(super) async fn open<'a>(
    docks: &Docks,
    journals: &[DeadJournal],
    args: &Args,
    runner: &Runner,
    observer: &'a dyn Observer,
) -> Result<Vec<Account<'a>>> {
    let mut places = places(docks, journals, args)?;
    if args.all_regions {
        let profiles: BTreeSet<_> = places.iter().map(|place| place.profile.clone()).collect();
        let first = places.iter().find_map(|place| place.region.clone());
        places.clear();
        for profile in profiles {
            let place = Place { profile, region: first.clone() };
            let account = place.open(args, runner, observer).await?;
            let regions = account.call(&DescribeRegions).await?;
            places.extend(regions.into_iter().map(|region| Place { region: Some(region), ..place.clone() }));
        }
    }
    let mut accounts: Vec<Account<'a>> = Vec::new();
    for place in places {
        let account = place.open(args, runner, observer).await?;
        let is_same =
            |other: &Account| other.region() == account.region() && other.profile() == account.profile();
        if !accounts.iter().any(is_same) {
            accounts.push(account);
        }
    }
    Ok(accounts)
}

/// Returns the numbers of the accounts, each with its region.
///
/// # Errors
/// Fails if AWS does not respond.
pub(super) async fn searched(accounts: &[Account<'_>]) -> Result<BTreeSet<(String, String)>> {
    let mut numbers: BTreeMap<Option<&str>, String> = BTreeMap::new();
    let mut searched = BTreeSet::new();
    for account in accounts {
        let number = match numbers.get(&account.profile()) {
            Some(number) => number.clone(),
            None => account.call(&GetCallerIdentity).await?.account,
        };
        numbers.insert(account.profile(), number.clone());
        searched.insert((number, account.region().to_owned()));
    }
    Ok(searched)
}

/// Returns where docks, unfinished creations, `dock.cfg` and the arguments lead to.
fn places(docks: &Docks, journals: &[DeadJournal], args: &Args) -> Result<BTreeSet<Place>> {
    let chosen = args.profile.as_ref().map(ToString::to_string);
    let profile = |other: Option<String>| chosen.clone().or(other);
    let mut places = BTreeSet::new();
    for dock in docks.all()?.iter().filter(|dock| dock.instance_id.is_some()) {
        let scope = scope(dock);
        let region = scope.region.map(str::to_owned);
        places.insert(Place { profile: profile(scope.profile.map(str::to_owned)), region });
    }
    for journal in journals {
        let of_journal = profile_of_file(journal.profile.as_ref()).map(str::to_owned);
        places.insert(Place { profile: profile(of_journal), region: Some(journal.region.clone()) });
    }
    let sections = docks.dock_cfg_sections()?;
    let of_section =
        |section: &DockSettings| profile(profile_of_file(section.profile.as_ref()).map(str::to_owned));
    for section in &sections {
        if let Some(region) = &section.region {
            places.insert(Place { profile: of_section(section), region: Some(region.to_string()) });
        }
    }
    // The first is what the file sets for every dock.
    let of_cfg = sections.first().and_then(of_section);
    for region in &args.region {
        places.insert(Place { profile: of_cfg.clone(), region: Some(region.to_string()) });
    }
    if places.is_empty() {
        places.insert(Place { profile: of_cfg, region: None });
    }
    Ok(places)
}

impl Place {
    async fn open<'a>(
        &self,
        args: &Args,
        runner: &Runner,
        observer: &'a dyn Observer,
    ) -> Result<Account<'a>> {
        let scope = Scope { region: self.region.as_deref(), profile: self.profile.as_deref() };
        Ok(Account::open(scope, runner, observer, args.echo.is_verbose()).await?)
    }
}
