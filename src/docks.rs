//! The docks of whoever calls.

use dockerutils_dock::Docks;

use crate::{Error, Result};

/// The docks below HOME; without HOME below the home folder that the system knows.
///
/// # Errors
/// There is no home folder.
pub fn docks() -> Result<Docks> {
    let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or(Error::NoHome)?;
    Ok(Docks::of_user(&home))
}
