//! Questions to the user, on the terminal.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdin};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use dockerutils_command::{Runner, printable};

use crate::{Error, Result};

/// The interval of the checks for a signal.
const POLL: Duration = Duration::from_millis(50);

/// Checks that the user can be asked, unless it is not needed because of this flag, such as `-y`.
///
/// # Errors
/// Returns [`Error::Usage`] if there is no terminal to ask on.
pub(crate) fn check_can_ask(flag: &str, is_not_needed: bool) -> Result {
    if is_not_needed || (stdin().is_terminal() && stderr().is_terminal()) {
        return Ok(());
    }
    Err(Error::Usage(format!("without a terminal to ask on, {flag} is required (see --help)")))
}

/// Prints a question and returns the line that the user types, without blanks around it; empty at the end of the input.
///
/// # Errors
/// Fails if a signal arrives, for which the runner watches.
pub(crate) fn ask(question: impl Display, runner: &Runner) -> Result<String> {
    let question = question.to_string();
    // A closed standard error must not stop the command; the answer decides.
    let _ = write!(stderr(), "{} ", printable(&question)).and_then(|()| stderr().flush());
    let (sender, receiver) = channel();
    // In a thread, because a read that a signal interrupts is begun again.
    std::thread::spawn(move || {
        let mut line = String::new();
        // What cannot be read is no answer.
        let _ = stdin().read_line(&mut line);
        let _ = sender.send(line);
    });
    loop {
        match receiver.recv_timeout(POLL) {
            Ok(line) => return Ok(line.trim().to_owned()),
            Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(interrupted) = runner.check_interrupted() {
            let _ = writeln!(stderr());
            return Err(interrupted.into());
        }
    }
}
