//! `docker tag`.

use dockerutils_command::Command;
use dockerutils_oci::Reference;

/// Returns the command that gives an image another name.
pub fn tag(image: &Reference, other: &Reference) -> Command {
    Command::new("docker").args(["tag".to_owned(), image.to_string(), other.to_string()])
}
