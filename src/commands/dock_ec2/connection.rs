//! The account of a dock, as its record names it.

use std::env;

use dockerutils_command::Runner;
use dockerutils_dock::{Dock, Profile, Region};
use dockerutils_ec2::calls::GetCallerIdentity;
use dockerutils_ec2::{Account, Observer, Scope};

use super::error::Ec2Error;
use crate::{Result, ui};

/// Opens the account and the region of a dock.
///
/// # Errors
/// Returns [`Ec2Error::OtherAccount`] if the credentials are not for the account of the record, and fails if there are no
/// usable ones.
pub(super) async fn open_account<'a>(
    dock: &Dock,
    runner: &Runner,
    echo: ui::VerboseEchoArgs,
    observer: &'a dyn Observer,
) -> Result<Account<'a>> {
    let account = Account::open(scope(dock), runner, observer, echo.is_verbose()).await?;
    let caller = account.call(&GetCallerIdentity).await?;
    match &dock.account {
        Some(of_record) if of_record.as_str() != caller.account => Err(Ec2Error::OtherAccount {
            dock: dock.moniker.to_string(),
            of_record: of_record.to_string(),
            of_caller: caller.account,
            profile: dock.profile.as_ref().map(Profile::to_string),
        }
        .into()),
        _ => Ok(account),
    }
}

/// Returns region and profile of a dock. Credentials that the user has chosen in the environment come before the profile.
pub(super) fn scope(dock: &Dock) -> Scope<'_> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_chosen = is_set("AWS_PROFILE") || is_set("AWS_ACCESS_KEY_ID");
    Scope {
        region: dock.region.as_ref().map(Region::as_str),
        profile: dock.profile.as_ref().map(Profile::as_str).filter(|_| !has_chosen),
    }
}
