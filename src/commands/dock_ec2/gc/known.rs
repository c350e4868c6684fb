//! What the records and the journals explain.

use dockerutils_dock::{Docks, Listing};
use dockerutils_ec2::selection::Known;

use super::super::error::Ec2Error;
use crate::Result;

/// Returns what this user's records and journals contain.
///
/// # Errors
/// Fails if a record or an `instance.json` is broken: what it explains would be reported, and perhaps deleted.
pub(super) fn known(docks: &Docks) -> Result<Known> {
    let Listing { docks: listed, broken } = docks.list()?;
    if let Some(error) = broken.into_iter().next() {
        return Err(Ec2Error::Left(format!("{error} (nothing is deleted while a record is broken)")).into());
    }
    let mut known = Known::default();
    for dock in &listed {
        match &dock.instance_id {
            Some(id) => known.instances.insert(id.to_string()),
            None => known.addresses.insert(dock.address.to_string()),
        };
        known.attempts.extend(docks.instance(dock)?.map(|instance| instance.attempt.to_string()));
    }
    for attempt in docks.unfinished_attempts()? {
        let set = if attempt.is_live { &mut known.running } else { &mut known.unfinished };
        set.insert(attempt.attempt.to_string());
    }
    Ok(known)
}
