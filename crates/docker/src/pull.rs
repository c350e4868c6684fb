//! `docker pull`.

use dockerutils_command::Command;
use dockerutils_oci::Reference;

/// Returns the command that gets an image from its registry.
pub fn pull(image: &Reference) -> Command {
    Command::new("docker").args(["pull".to_owned(), image.to_string()])
}
