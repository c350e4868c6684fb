//! Stub for builds without `aws`: ECR references are refused.

use dockerutils_command::{Command, Runner};
use dockerutils_oci::{Digest, Registry};

use super::destination::Destination;
use super::error::PublishError;
use super::placeholders::Caller;
use crate::Result;

pub(super) struct EcrQueries;

impl EcrQueries {
    /// Returns [`PublishError::WithoutAws`] if a destination is in ECR.
    pub(super) fn new(destinations: &[Destination]) -> Result<Self> {
        if destinations.iter().any(|destination| matches!(destination.registry(), Registry::Ecr(_))) {
            return Err(PublishError::WithoutAws.into());
        }
        Ok(EcrQueries)
    }

    pub(super) fn run_during<T>(
        &self,
        _: &Runner,
        engine: impl FnOnce() -> Result<T>,
    ) -> Result<(T, EcrState)> {
        Ok((engine()?, EcrState))
    }

    pub(super) fn is_immutable(&self, _: usize, _: &Runner) -> Result<Option<bool>> {
        Ok(None)
    }
}

pub(super) struct EcrState;

impl EcrState {
    pub(super) fn caller(&self, _: &EcrQueries) -> Option<Caller> {
        None
    }

    pub(super) fn digest(&self, _: usize) -> Option<Digest> {
        None
    }

    pub(super) fn warn_unverified(&self, _: usize) {}

    pub(super) fn login(&self, _: &Registry) -> Option<Command> {
        None
    }
}
