//! The work of `create-dock`.

use crate::Result;
use crate::commands::create_dock::Args;

/// Creates a dock.
pub(super) fn run(_args: &Args) -> Result {
    Ok(())
}
