//! Starting the machine: each candidate in turn, each with its own token.

use dockerutils_dock::journal::Step;

use super::answer::{Answer, answer};
use super::attempt::Running;
use super::plan::token;
use super::{CreateError, refusal, rollback};
use crate::{Id, Result};

/// The codes after which the next candidate is tried.
const NEXT: [&str; 9] = [
    "InsufficientInstanceCapacity",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientFreeAddressesInSubnet",
    "Unsupported",
    "UnsupportedOperation",
    "SpotMaxPriceTooLow",
    "MaxSpotInstanceCountExceeded",
];

/// The pauses in seconds before looks for a machine whose launch had no response. The rollback looks for longer.
const PAUSES: [u64; 3] = [0, 2, 4];

/// Starts the machine, and returns its ID.
pub(super) async fn run_instance(running: &mut Running<'_, '_>, groups: Vec<Id>) -> Result<String> {
    let candidates = running.plan.candidates.clone();
    let (mut tried, mut is_price_too_low) = (Vec::new(), false);
    for (index, candidate) in candidates.iter().enumerate() {
        let token = token(&running.plan.attempt, candidate);
        let call = running.plan.run_call(running.request, candidate, groups.clone(), running.user_data());
        running.intend(Step::Instance, &call, Some(&token))?;
        let answer = answer(running.account, &call, &NEXT).await;
        if let Some(code) = answer.refusal(&NEXT) {
            let code = code.to_owned();
            running.refused(Step::Instance, &code)?;
        }
        let Answer { result, is_uncertain } = answer;
        let error = match result {
            Ok(instance) => {
                let id = instance.and_then(|instance| instance.instance_id).filter(|id| !id.is_empty());
                let id = id.ok_or(CreateError::NoInstance)?;
                running.done(Step::Instance, &id)?;
                return Ok(id);
            }
            Err(error) => error,
        };
        if is_uncertain
            && error.is(&NEXT)
            && let Some(id) = started(running).await?
        {
            running.done(Step::Instance, &id)?;
            return Ok(id);
        }
        // Another candidate could be a second machine if the response to a launch of the first one was lost.
        if is_uncertain || !error.is(&NEXT) {
            let is_spot = running.request.settings.is_spot;
            let region = running.account.region();
            return Err(refusal::explained(error, &running.plan, candidate, is_spot, region));
        }
        is_price_too_low |= error.is(&["SpotMaxPriceTooLow"]);
        tried.push((candidate.instance_type.clone(), candidate.zone.clone()));
        if let Some(next) = candidates.get(index + 1) {
            running.account.note(format!(
                "{} {} {} now, trying {} in {} ({} of {})",
                candidate.zone,
                if error.is(&["Unsupported*"]) { "does not offer" } else { "has no" },
                candidate.instance_type,
                next.instance_type,
                next.zone,
                index + 2,
                candidates.len()
            ));
        }
    }
    let spot = match running.request.settings.is_spot {
        true if is_price_too_low => ", or raise --max-price or leave out --spot",
        true => ", or leave out --spot",
        false => "",
    };
    Err(CreateError::NoCapacity { tried, spot }.into())
}

/// Returns the machine that a call has started whose response was lost, if EC2 shows it.
async fn started(running: &Running<'_, '_>) -> Result<Option<String>> {
    let found = rollback::look_for_instances(running.account, running.journal.attempt(), &PAUSES).await?;
    Ok(found.into_iter().flatten().next())
}
