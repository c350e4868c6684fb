//! Looking at an instance, and waiting for a state.

use std::time::{Duration, Instant as Clock};

use super::LifeError;
use crate::calls::DescribeInstances;
use crate::{Account, Instance, Result};

/// How long a change of state may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10 * 60);

/// For how long the state is looked up each second, and afterwards every three.
const EAGER: Duration = Duration::from_secs(20);

/// The instance of a dock.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The dock's name, for messages.
    pub dock: &'a str,
    /// The instance's ID.
    pub id: &'a str,
}

impl Target<'_> {
    pub(super) fn gone(&self) -> LifeError {
        LifeError::Gone { dock: self.dock.to_owned(), id: self.id.to_owned() }
    }
}

/// Returns an instance; `None` if EC2 does not know it.
///
/// # Errors
/// Fails if the call fails.
pub async fn find(account: &Account<'_>, id: &str) -> Result<Option<Instance>> {
    Ok(account.call(&DescribeInstances::with_id(id)).await?.into_iter().find(|instance| instance.id == id))
}

/// Returns an instance that is not terminated.
///
/// # Errors
/// Returns [`LifeError::Gone`] if it is.
pub(super) async fn existing(account: &Account<'_>, target: Target<'_>) -> Result<Instance> {
    let found = find(account, target.id).await?.filter(|instance| !instance.is_gone());
    found.ok_or_else(|| target.gone().into())
}

/// Waits until an instance that exists is as it should be, and returns it.
///
/// # Errors
/// Returns [`LifeError::Gone`] if it is terminated, and [`LifeError::Stuck`] if it takes too long.
pub(super) async fn wait_until(
    account: &Account<'_>,
    target: Target<'_>,
    is_reached: impl Fn(&Instance) -> bool,
) -> Result<Instance> {
    let begin = Clock::now();
    loop {
        let instance = existing(account, target).await?;
        if is_reached(&instance) {
            return Ok(instance);
        }
        if begin.elapsed() > LIMIT {
            let state = instance.state.as_str().to_owned();
            let dock = target.dock.to_owned();
            return Err(LifeError::Stuck { dock, state, seconds: LIMIT.as_secs() }.into());
        }
        account.pause(interval(begin)).await?;
    }
}

/// Returns the time until the next look.
pub(super) fn interval(begin: Clock) -> Duration {
    Duration::from_secs(if begin.elapsed() < EAGER { 1 } else { 3 })
}
