//! The check of the permission, which makes nothing.

use std::path::PathBuf;
use std::time::Duration;

use super::plan::Plan;
use super::{Request, refusal};
use crate::calls::UserDataFile;
use crate::{Account, Result};

/// The codes of a dry run that was not refused: whether there is capacity is decided by the real call.
const NOT_REFUSED: [&str; 4] =
    ["DryRunOperation", "InsufficientInstanceCapacity", "Unsupported", "InsufficientFreeAddressesInSubnet"];

/// How often the dry run is repeated if AWS cannot process it.
const ATTEMPTS: u32 = 3;

/// Checks by a dry run that the caller may start the machine, and that EC2 accepts its description.
pub(super) async fn permission(account: &Account<'_>, request: &Request, plan: &Plan) -> Result {
    let user_data = UserDataFile { path: PathBuf::from("user-data"), contents: request.user_data.clone() };
    let mut call = plan.run_call(request, &plan.candidates[0], plan.group.existing(), user_data);
    call.is_dry_run = true;
    call.token = None;
    call.key = None;
    let mut attempt = 1;
    loop {
        match account.read(&call).await {
            Err(error) if error.is(&NOT_REFUSED) => return Ok(()),
            Err(error) if attempt < ATTEMPTS && error.call().is_some_and(crate::CallError::is_transient) => {
                account.pause(Duration::from_millis(500) * attempt).await?;
            }
            Ok(_) => return Ok(()),
            Err(error) => {
                let (candidate, is_spot) = (&plan.candidates[0], request.settings.is_spot);
                return Err(refusal::explained(error, plan, candidate, is_spot, account.region()));
            }
        }
        attempt += 1;
    }
}
