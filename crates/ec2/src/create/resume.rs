//! Finishing or undoing an attempt that was killed.

use dockerutils_dock::journal::{Entry, Fact, Journal, Step};
use dockerutils_dock::{Docks, Identity, Minutes, Moniker};

use super::attempt::{Finish, stops_itself};
use super::{CreateError, Created, rollback};
use crate::calls::{DescribeInstances, GetCallerIdentity, Tagged};
use crate::{Account, Result};

/// What the user decides when an attempt is finished.
#[derive(Debug, Clone)]
pub struct ResumeOptions {
    /// How long the machine may take until docker responds.
    pub timeout: Minutes,
    /// The file of the private key, in place of that of the first run.
    pub identity: Option<Identity>,
    /// Whether the host key has to be on the console before the first connection.
    pub requires_console_key: bool,
}

/// Finishes the attempt if its machine exists, and else removes what it has made. Returns `None` if it was undone.
///
/// # Errors
/// Fails if the credentials are those of another account, and as [`create`](super::create) does.
pub async fn resume(
    account: &Account<'_>,
    docks: &Docks,
    mut journal: Journal,
    options: ResumeOptions,
) -> Result<Option<Created>> {
    let begun = journal.attempt().begun.clone();
    let caller = account.call(&GetCallerIdentity).await?;
    if caller.account != begun.account.as_str() {
        let account = begun.account.to_string();
        return Err(CreateError::OtherAccount { caller: caller.account, account }.into());
    }
    let Some(id) = find_machine(account, &mut journal).await? else {
        undo(account, docks, journal, &begun.dock).await;
        return Ok(None);
    };
    let ResumeOptions { timeout, identity, requires_console_key } = options;
    let finish = Finish {
        account,
        docks,
        timeout,
        requires_console_key,
        identity,
        user: begun.user.clone(),
        stops_itself: stops_itself(journal.attempt()),
        is_resumed: true,
    };
    match finish.carry_out(&mut journal, &id).await {
        Ok(created) => {
            journal.remove()?;
            Ok(Some(created))
        }
        Err(error) => {
            if !error.keeps_machine() {
                rollback::undo(account, docks, journal, &error).await;
            }
            Err(error)
        }
    }
}

async fn undo(account: &Account<'_>, docks: &Docks, journal: Journal, dock: &Moniker) {
    let reason = CreateError::NoMachine { name: dock.to_string() };
    rollback::undo(account, docks, journal, &reason.into()).await;
}

/// Returns the machine of the attempt that is not ended; its ID is in the journal from then on.
async fn find_machine(account: &Account<'_>, journal: &mut Journal) -> Result<Option<String>> {
    let plan = rollback::plan(journal.attempt());
    if !plan.iter().any(|undo| undo.step == Step::Instance) {
        return Ok(None);
    }
    let tagged = Tagged::Attempt(journal.attempt().begun.attempt.to_string());
    let listed = account.call(&DescribeInstances::Tagged(tagged)).await?;
    let found = listed.into_iter().find(|instance| !instance.is_gone()).map(|instance| instance.id);
    let is_known = plan.iter().any(|undo| undo.step == Step::Instance && undo.got.is_some());
    if let Some(id) = found.as_deref()
        && !is_known
    {
        journal.add(Entry::Done { step: Step::Instance, got: Fact::of(id) })?;
    }
    Ok(found)
}
