//! Signals while a child runs that we outlive.
//!
//! Ctrl-C in a terminal reaches the child by itself (it is in the same foreground group); a signal that a process sent
//! to us alone is passed on. Either way we stay until the child has ended, so that what we hold (a `pip.conf`, the
//! terminal) is given back, and end with 128 plus the signal's number.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;

/// Watches for SIGINT, SIGTERM, SIGHUP and SIGQUIT from the first child on until the process ends.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    child: AtomicI32,
    received: AtomicI32,
}

impl Signals {
    /// Starts watching. A signal that was ignored when we were started (`nohup`) stays ignored.
    pub(crate) fn watch() -> std::io::Result<Self> {
        let wanted: Vec<i32> =
            [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal)).collect();
        let mut signals = SignalsInfo::<WithOrigin>::new(wanted)?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::Builder::new().spawn(move || {
            for origin in &mut signals {
                shared.received.store(origin.signal, Ordering::SeqCst);
                let child = shared.child.load(Ordering::SeqCst);
                // Without a sending process it came from the terminal, and the child has had it too.
                if origin.process.is_some() && child != 0 {
                    let _ = kill(Pid::from_raw(child), Signal::try_from(origin.signal).ok());
                }
            }
        })?;
        Ok(Signals { state })
    }

    /// The last signal that was received, if any.
    pub(crate) fn received(&self) -> Option<i32> {
        match self.state.received.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Signals are passed on to this child until the value is dropped.
    pub(crate) fn forward_signals_to(&self, pid: u32) -> SignalForwarding<'_> {
        self.state.child.store(i32::try_from(pid).unwrap_or(0), Ordering::SeqCst);
        SignalForwarding(self)
    }
}

/// While it lives, signals that were sent to us alone go on to a child.
pub(crate) struct SignalForwarding<'a>(&'a Signals);

impl Drop for SignalForwarding<'_> {
    fn drop(&mut self) {
        self.0.state.child.store(0, Ordering::SeqCst);
    }
}

/// Whether the signal is ignored, as `nohup` and a shell's background jobs have it.
#[expect(unsafe_code, reason = "no safe crate asks for a signal's disposition without setting it")]
fn is_ignored(signal: i32) -> bool {
    let mut current = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: a null second argument changes nothing; `current` is written whole when the call succeeds, and read only then.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), current.as_mut_ptr()) == 0
            && current.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
