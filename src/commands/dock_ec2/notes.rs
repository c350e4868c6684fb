//! Prints the messages of the work on EC2.

use dockerutils_ec2::Observer;

use crate::ui;

/// Prints each message as one of the command's own.
pub(super) struct Notes;

impl Observer for Notes {
    fn note(&self, message: &str) {
        ui::note(message);
    }
}
