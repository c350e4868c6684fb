//! A container that docker does not remove, so that one that has failed can be examined.

use dockerutils_command::{Pipes, Runner, Streaming};
use dockerutils_docker::{Container, inspect_containers, remove_with_volumes};

use crate::{Result, ui};

/// Removes a container that has succeeded. For one that has failed, prints how its failure is examined.
///
/// # Errors
/// Returns the failure of the container.
pub(super) fn remove_unless_failed(
    ended: Result,
    container: &Container,
    image: &str,
    runner: &Runner,
) -> Result {
    // It has to be done after a signal, too.
    let runner = runner.uninterrupted();
    let name = &container.name;
    match &ended {
        Ok(()) => {
            // Docker prints the reason if it fails, and the program in the container has succeeded all the same. Its name,
            // which docker prints too, is not part of the container's output.
            let _ = runner.capture(&remove_with_volumes(name));
        }
        Err(_) if exists(name, &runner) => ui::note(format_args!(
            "{name} is kept: `debug-image --last {image}` finds out what it died of, `docker rm {name}` removes it"
        )),
        Err(_) => {}
    }
    ended
}

/// Returns whether a container exists. Docker creates none if it refuses a flag.
fn exists(name: &str, runner: &Runner) -> bool {
    let inspected = runner.start(&inspect_containers(&[name.to_owned()]), Pipes::Input);
    inspected.and_then(Streaming::wait).is_ok_and(|output| output.status.success())
}
