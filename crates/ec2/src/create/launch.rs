//! Starting the machine: each candidate in turn, each with its own token.

use std::time::Duration;

use dockerutils_dock::journal::Step;

use super::attempt::Running;
use super::plan::token;
use super::{CreateError, refusal};
use crate::{CallError, Id, Result};

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

/// How often a call is made that was throttled or lost. The token keeps EC2 from starting a second machine.
const ATTEMPTS: u32 = 5;

/// The first pause before a call is repeated; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// Starts the machine, and returns its ID.
pub(super) async fn run_instance(running: &mut Running<'_, '_>, groups: Vec<Id>) -> Result<String> {
    let candidates = running.plan.candidates.clone();
    let mut tried = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let token = token(&running.plan.attempt, candidate);
        let call = running.plan.run_call(running.request, candidate, groups.clone(), running.user_data());
        running.intend(Step::Instance, &call, Some(&token))?;
        let error = match run_until_answered(running, &call).await {
            Ok(id) => {
                running.done(Step::Instance, &id)?;
                return Ok(id);
            }
            Err(error) => error,
        };
        let refused = error.call().filter(|call| !call.is_lost || call.is(&NEXT));
        if let Some(code) = refused.and_then(|call| call.code.clone()) {
            running.refused(Step::Instance, &code)?;
        }
        if !error.is(&NEXT) {
            let is_spot = running.request.settings.is_spot;
            let region = running.account.region();
            return Err(refusal::explained(error, &running.plan, candidate, is_spot, region));
        }
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
    let is_spot = running.request.settings.is_spot;
    let spot = if is_spot { ", or leave out --spot" } else { "" };
    Err(CreateError::NoCapacity { tried, spot }.into())
}

/// Makes the call until EC2 has decided on it.
async fn run_until_answered(running: &Running<'_, '_>, call: &crate::calls::RunInstances) -> Result<String> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        let error = match running.account.call(call).await {
            Ok(Some(instance)) => {
                let id = instance.instance_id().filter(|id| !id.is_empty());
                return id.map(str::to_owned).ok_or_else(|| CreateError::NoInstance.into());
            }
            Ok(None) => CreateError::NoInstance.into(),
            Err(error) => error,
        };
        let is_transient = error.call().is_some_and(CallError::is_transient) && !error.is(&NEXT);
        if !is_transient || attempt == ATTEMPTS {
            return Err(error);
        }
        running.account.note(format!("{error}; attempt {} of {ATTEMPTS}", attempt + 1));
        running.account.pause(pause).await?;
        pause *= 2;
    }
    Err(CreateError::NoInstance.into())
}
