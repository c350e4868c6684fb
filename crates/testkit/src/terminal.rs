//! A command in a pseudo-terminal: keys that are typed, and the screen.
//!
//! The screen is the sequence of bytes that the command wrote, with escape sequences and carriage returns.

use std::io::{Read, Write};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard};

use pty_process::blocking::Pty;

use crate::invocation::Invocation;
use crate::outcome::Outcome;
use crate::running::{OwnedChild, poll_until};

/// A command that was started in a pseudo-terminal.
pub struct Terminal {
    invocation: Invocation,
    child: OwnedChild,
    pty: Arc<Pty>,
    screen: Arc<Mutex<Vec<u8>>>,
}

impl Invocation {
    /// Starts it in a pseudo-terminal of its own.
    #[track_caller]
    pub fn spawn_in_terminal(self) -> Terminal {
        let (pty, child_side) = pty_process::blocking::open().expect("a pseudo-terminal");
        // A new pseudo-terminal has no size, and programs would wrap lines in different ways.
        pty.resize(pty_process::Size::new(24, 80)).expect("the terminal's size");
        let child = pty_process::blocking::Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .env("TERM", "xterm")
            .envs(&self.env)
            .current_dir(&self.dir)
            .spawn(child_side)
            .unwrap_or_else(|error| panic!("{} could not be started: {error}", self.program.display()));
        Terminal::new(self, child, pty)
    }
}

impl Terminal {
    fn new(invocation: Invocation, child: Child, pty: Pty) -> Self {
        let (pty, screen) = (Arc::new(pty), Arc::<Mutex<Vec<u8>>>::default());
        let (source, sink) = (Arc::clone(&pty), Arc::clone(&screen));
        // Linux fails a read with EIO when the last process has closed the terminal: that is the end of the output.
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = source.as_ref().read(&mut bytes) {
                lock(&sink).extend_from_slice(&bytes[..count]);
            }
        });
        Terminal { invocation, child: OwnedChild(child), pty, screen }
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Types a text; a line ends with `\r`.
    pub fn types(&self, keys: &str) {
        self.pty.as_ref().write_all(keys.as_bytes()).expect("the terminal");
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        self.types("\x03");
    }

    /// Returns what the screen has shown until now.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&lock(&self.screen)).into_owned()
    }

    /// Waits until the screen has shown a text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let shown = poll_until(|| self.screen().contains(text).then_some(()));
        assert!(shown.is_some(), "the screen does not show {text:?}:\n{}", self.screen());
    }

    /// Waits for it to exit; the whole screen counts as standard error.
    #[track_caller]
    pub fn wait(mut self) -> Outcome {
        let status = self.child.wait();
        // The reading thread drops its reference when it has read everything.
        poll_until(|| (Arc::strong_count(&self.pty) == 1).then_some(()));
        let outcome = self.invocation.outcome(status.unwrap_or(-1), b"", &lock(&self.screen));
        outcome.check(status.is_some(), || "still running".to_owned());
        outcome
    }
}

fn lock(screen: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    screen.lock().expect("the screen")
}
