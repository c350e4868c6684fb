//! A message that we wait, for waits that last longer than people expect.

use std::fmt::Display;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::note;

/// How long a wait may last without a message.
const LIMIT: Duration = Duration::from_secs(3);

/// A wait. If the value is not dropped within three seconds, one line names what we wait for.
pub(crate) struct Waiting {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Begins a wait for `what`. Keep the value until the wait is over.
#[must_use = "the wait ends when the value is dropped"]
pub(crate) fn waiting_for(what: impl Display) -> Waiting {
    let (end, ended) = channel();
    let message = format!("waiting for {what}");
    // Without a thread the wait is the same, only silent.
    let thread = std::thread::Builder::new().spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            note(message);
        }
    });
    Waiting { end: Some(end), thread: thread.ok() }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.end = None;
        // Its message must not come after what follows.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
