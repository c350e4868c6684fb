//! Creating a dock: a machine on EC2 that docker responds on, or nothing at all.
//!
//! Everything that can be checked is checked before the first call with an effect. From then on, each step is written to a
//! journal before and after it is done, so that what was made can be removed after an error or a signal, and after a kill.

mod answer;
mod attempt;
mod candidates;
mod check;
mod console_keys;
mod error;
mod facts;
mod image;
mod launch;
mod nearest;
mod plan;
mod policy;
mod price;
mod quota;
mod ready;
mod refusal;
mod register;
mod request;
mod resume;
mod rollback;
mod script;
mod survey;
mod wait;

use dockerutils_dock::Docks;
use serde::Serialize;

use self::attempt::{Running, new_attempt};
use self::plan::Plan;
use self::survey::Survey;
use crate::{Account, Error, Result};

pub use self::error::CreateError;
pub use self::policy::iam_policy;
pub use self::request::Request;
pub use self::resume::{ResumeOptions, resume};
pub use self::script::{offline_script, script};

/// A dock that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are named as in the record")]
pub struct Created {
    pub name: String,
    pub instance_id: String,
    pub address: String,
    pub region: String,
    pub zone: String,
    #[serde(rename = "type")]
    pub instance_type: String,
}

/// Creates a dock.
///
/// # Errors
/// Fails before anything is made if a check fails. Later failures and signals undo what was made, unless the machine
/// already responds and only docker does not.
pub async fn create(account: &Account<'_>, docks: &Docks, request: &Request) -> Result<Created> {
    let survey = Survey::take(account, request).await?;
    let decide = || Plan::decide(request, &survey, account.region(), new_attempt());
    let plan = decide()?;
    facts::report(account, &survey, &plan, request);
    check::permission(account, request, &plan).await?;
    match carry_out(account, docks, request, plan).await {
        // The token of the attempt was used for another machine, so it needs another one.
        Err(Undone { reason, is_complete: true }) if reason.is(&["IdempotentParameterMismatch"]) => {
            carry_out(account, docks, request, decide()?).await.map_err(|undone| undone.reason)
        }
        done => done.map_err(|undone| undone.reason),
    }
}

/// A plan that was not carried out.
struct Undone {
    reason: Error,
    /// Whether everything that was made is removed.
    is_complete: bool,
}

/// Carries out a plan, or undoes what was made.
async fn carry_out(
    account: &Account<'_>,
    docks: &Docks,
    request: &Request,
    plan: Plan,
) -> std::result::Result<Created, Undone> {
    let failed = |reason| Undone { reason, is_complete: false };
    let mut running = Running::begin(account, docks, request, plan).map_err(failed)?;
    let error = match running.carry_out().await {
        Ok(created) => {
            running.into_journal().remove().map_err(|error| failed(error.into()))?;
            return Ok(created);
        }
        Err(error) => error,
    };
    let is_complete =
        !error.keeps_machine() && rollback::undo(account, docks, running.into_journal(), &error).await;
    Err(Undone { reason: error, is_complete })
}
