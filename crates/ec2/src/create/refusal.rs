//! What a refusal of RunInstances means for the user.

use super::candidates::Candidate;
use super::plan::Plan;
use super::{CreateError, quota};
use crate::Error;

/// The codes for an image that the account may not use: those of the marketplace have terms to accept.
const IMAGE: [&str; 2] = ["OptInRequired", "InvalidAMIID.*"];

/// Returns the error of RunInstances with its reason and a remedy, as far as they are known.
pub(super) fn explained(
    error: Error,
    plan: &Plan,
    candidate: &Candidate,
    is_spot: bool,
    region: &str,
) -> Error {
    match error.call().filter(|call| call.is(&IMAGE)) {
        Some(call) => {
            let (image, reason) = (plan.image.id.clone(), call.message.trim_end_matches('.').to_owned());
            CreateError::ImageRefused { image, reason }.into()
        }
        None => quota::explained(error, candidate, is_spot, region),
    }
}
