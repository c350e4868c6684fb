//! The account of a dock, as its record names it.

use dockerutils_command::Runner;
use dockerutils_dock::{Dock, Profile, Region};
use dockerutils_ec2::calls::GetCallerIdentity;
use dockerutils_ec2::{Account, Observer, Scope};

use super::error::Ec2Error;
use crate::{Result, aws_environment, ui};

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

/// Returns region and profile of a dock.
pub(super) fn scope(dock: &Dock) -> Scope<'_> {
    Scope {
        region: dock.region.as_ref().map(Region::as_str),
        profile: profile_of_file(dock.profile.as_ref()),
    }
}

/// Returns the profile that a record, a journal or `dock.cfg` names, unless the user has chosen credentials in the
/// environment: these come before.
pub(super) fn profile_of_file(profile: Option<&Profile>) -> Option<&str> {
    profile.map(Profile::as_str).filter(|_| !aws_environment::chooses_credentials())
}
