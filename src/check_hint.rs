//! Names check-dock at the end of a message whose cause it knows.

use std::error::Error as StdError;
use std::fmt::Display;
use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};

use dockerutils_command as command;
use dockerutils_dock::session;
use dockerutils_sync::Error as SyncError;

use crate::commands::nb_dock::error::NbDockError;
use crate::commands::transfer_image::error::TransferError;
use crate::dock_context::DockContextError;
use crate::docker_calls::DockerCallError;

/// Whether a message has named it. One command may report the same cause in several messages.
static WAS_NAMED: AtomicBool = AtomicBool::new(false);

/// Adds the name of check-dock to the first message of a command.
pub(crate) fn with_check_hint(message: impl Display) -> String {
    let hint = if WAS_NAMED.swap(true, Ordering::Relaxed) { "" } else { "; check-dock shows more" };
    format!("{message}{hint}")
}

/// Returns whether check-dock finds the cause of an error: docker, an engine or a dock that cannot be reached or used.
///
/// Errors of the configuration are left out, although check-dock lists them: their messages contain the line and the remedy.
pub(crate) fn is_known_to_check_dock(error: &(dyn StdError + 'static)) -> bool {
    iter::successors(Some(error), |error| (*error).source()).any(is_known)
}

fn is_known(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref() {
        use session::Error::{Lost, Unreachable, Unusable};
        return matches!(error, Unusable { .. } | Unreachable(_) | Lost(_));
    }
    if let Some(error) = error.downcast_ref() {
        use SyncError::{ForeignRsyncOnDock, LoginShell, RsyncMissing, WorkspaceNotCreated};
        return matches!(
            error,
            LoginShell { .. } | RsyncMissing { .. } | ForeignRsyncOnDock { .. } | WorkspaceNotCreated { .. }
        );
    }
    if let Some(error) = error.downcast_ref() {
        return matches!(error, NbDockError::NoSocketForward { .. } | NbDockError::NoForward { .. });
    }
    if let Some(command::Error::NotFound { program }) = error.downcast_ref() {
        return program == "docker";
    }
    matches!(error.downcast_ref(), Some(TransferError::OfDock(_)))
        || matches!(error.downcast_ref(), Some(DockContextError::Unreachable(_)))
        || matches!(error.downcast_ref(), Some(DockerCallError::TimedOut(_)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn engines_and_docks_that_cannot_be_reached_are_known() {
        let moniker = || "gpu".parse().unwrap();
        let unreachable = crate::Error::from(DockContextError::Unreachable("x".to_owned()));
        for (error, expected) in [
            (unreachable, true),
            (command::Error::NotFound { program: "docker".to_owned() }.into(), true),
            (command::Error::NotFound { program: "git".to_owned() }.into(), false),
            (SyncError::RsyncMissing { dock: "gpu".to_owned() }.into(), true),
            (SyncError::NulInProjectName.into(), false),
            (NbDockError::NoForward { dock: "gpu".to_owned() }.into(), true),
            (NbDockError::NoProject.into(), false),
            (TransferError::OfDock(Box::new(TransferError::Unreachable("x".to_owned()))).into(), true),
            // It may be any host, which check-dock does not know.
            (TransferError::Unreachable("x".to_owned()).into(), false),
            (DockerCallError::TimedOut(Duration::from_secs(1)).into(), true),
            (session::Error::Unreachable(moniker()).into(), true),
            (DockContextError::NotDocked.into(), false),
            (session::Error::EndpointChanged(moniker()).into(), false),
        ] {
            let crate::Error::Failure(boxed) = &error else { panic!("{error:?}") };
            assert_eq!(is_known_to_check_dock(&**boxed), expected, "{error:?}");
        }
    }

    #[test]
    fn check_dock_is_named_once() {
        let messages = [with_check_hint("a: x"), with_check_hint("b: y")];
        assert_eq!(messages, ["a: x; check-dock shows more", "b: y"]);
    }
}
