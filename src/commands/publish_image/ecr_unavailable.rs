//! In place of `ecr.rs` where this was built without the feature `aws`: no reference may lead to ECR.

use dockerutils_command::{Command, Runner};
use dockerutils_oci::Registry;

use super::destination::{Caller, Destination};
use crate::{Error, Result};

/// None.
pub(super) struct Questions;

impl Questions {
    /// Refuses a destination that leads to ECR.
    pub(super) fn about(destinations: &[Destination]) -> Result<Self> {
        match destinations.iter().any(|destination| matches!(destination.registry(), Registry::Ecr(_))) {
            true => Err(Error::WithoutAws),
            false => Ok(Questions),
        }
    }

    /// Nobody but the engine is asked.
    pub(super) fn ask_during<T>(
        &self,
        _: &Runner,
        engine: impl FnOnce() -> Result<T>,
    ) -> Result<(T, Answers)> {
        Ok((engine()?, Answers {}))
    }
}

/// None.
pub(super) struct Answers {}

impl Answers {
    /// Nobody.
    pub(super) fn caller(&self, _: &Questions) -> Option<Caller> {
        None
    }

    /// None.
    pub(super) fn digest(&self, _: usize) -> Option<&str> {
        None
    }

    /// There is none.
    pub(super) fn say_doubt(&self, _: usize) {}

    /// None.
    pub(super) fn login(&self, _: &Registry) -> Option<Command> {
        None
    }
}
