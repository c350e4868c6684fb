//! The docks of whoever calls, and which one is meant.

use std::slice;
use std::time::Duration;

use dockerutils_command::{self as command, Runner};
use dockerutils_dock::{Dock, Docks, probe, session};

use crate::{Error, Result, ui};

/// How long a dock that was never seen may take to show its host key.
const LIMIT: Duration = Duration::from_secs(20);

/// What ssh ends with when it has failed itself, and rsync with it.
const SSH_FAILED: i32 = 255;

/// The docks below HOME; without HOME below the home folder that the system knows.
///
/// # Errors
/// There is no home folder.
pub(crate) fn docks() -> Result<Docks> {
    let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or(Error::NoHome)?;
    Ok(Docks::of_user(&home))
}

/// The dock of this name; without a name the one that the terminal is docked to.
///
/// # Errors
/// There is no such dock, or the terminal is docked to none.
pub(crate) fn named_or_current(docks: &Docks, name: Option<&str>) -> Result<Dock> {
    match name {
        Some(name) => Ok(docks.find(name)?),
        None => docks.current()?.ok_or(Error::NotDocked),
    }
}

/// Opens the connection of a docked terminal again if it was lost; to be called before docker is. An engine that is no
/// dock of ours is left alone.
///
/// # Errors
/// The dock cannot be reached, or its record is broken.
pub(crate) fn reopen(runner: &Runner) -> Result {
    let docks = docks()?;
    match docks.current() {
        Ok(Some(dock)) => Ok(session::ensure(&docks, &dock, runner)?),
        Ok(None) | Err(dockerutils_dock::Error::Unknown { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Takes the host key of a dock that was never seen, and shows its fingerprint.
///
/// # Errors
/// The dock could not be asked. What is wrong there ssh itself says next.
pub(crate) fn meet(docks: &Docks, dock: &Dock, runner: &Runner) -> Result {
    if !runner.is_dry_run() && !docks.has_met(dock) {
        let answers = probe(docks, slice::from_ref(dock), LIMIT, runner)?;
        answers.iter().for_each(|probe| say_new_key(dock, probe.new_key.as_deref()));
    }
    Ok(())
}

/// What to say where ssh, or rsync through it, did not get to a dock: what keeps it away and what to do, if asking tells.
pub(crate) fn explain(docks: &Docks, dock: &Dock, error: Error, runner: &Runner) -> Error {
    match &error {
        Error::Command(command::Error::Failed { status, .. }) if status.code() == Some(SSH_FAILED) => {
            let answers = probe(docks, slice::from_ref(dock), LIMIT, runner).unwrap_or_default();
            let trouble = answers.into_iter().find_map(|answer| answer.state.err());
            trouble.map_or(error, |trouble| Error::Unreachable(trouble.sentence(dock)))
        }
        _ => error,
    }
}

/// Shows the fingerprint of a host key, if one was seen for the first time.
pub(crate) fn say_new_key(dock: &Dock, key: Option<&str>) {
    if let Some(key) = key {
        ui::note(format_args!("the host key of {}, seen first and trusted from now on: {key}", dock.address));
    }
}
