//! Signals that arrive while a child runs.
//!
//! Ctrl-C in a terminal reaches the child without our help, because it is in the same foreground process group. A signal
//! that another process sent only to us is forwarded. In both cases we wait until the child has ended, so that everything
//! we hold (a temporary `pip.conf`, the terminal) is restored, and then end with 128 plus the signal's number.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::WithOrigin;

/// A thread that receives SIGINT, SIGTERM, SIGHUP and SIGQUIT until the process ends.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    state: Arc<State>,
}

/// The child to forward to, the last signal, and one that has to be forwarded. 0 means no child, or no signal.
#[derive(Debug, Default)]
struct State {
    child: AtomicI32,
    received: AtomicI32,
    pending: AtomicI32,
}

impl Signals {
    /// Starts the thread.
    pub(crate) fn watch() -> std::io::Result<Self> {
        // A signal that was ignored when we were started (`nohup`) stays ignored, for us and for our children.
        let wanted: Vec<i32> =
            [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal)).collect();
        let mut signals = SignalsInfo::<WithOrigin>::new(wanted)?;
        let state = Arc::new(State::default());
        let thread_state = Arc::clone(&state);
        std::thread::Builder::new().spawn(move || {
            for origin in &mut signals {
                thread_state.received.store(origin.signal, Ordering::SeqCst);
                // A signal without a sending process came from the terminal, which has sent it to the child as well:
                // forwarded, it would look like a second Ctrl-C.
                if origin.process.is_some() {
                    thread_state.pending.store(origin.signal, Ordering::SeqCst);
                }
                let child = thread_state.child.load(Ordering::SeqCst);
                if child != 0 {
                    thread_state.forward_to(child);
                }
            }
        })?;
        Ok(Signals { state })
    }

    /// Returns the last signal that was received.
    pub(crate) fn received(&self) -> Option<i32> {
        match self.state.received.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Forwards signals to this child until the returned value is dropped.
    pub(crate) fn forward_signals_to(&self, pid: u32) -> SignalForwarding<'_> {
        let child = i32::try_from(pid).unwrap_or(0);
        self.state.child.store(child, Ordering::SeqCst);
        // One that came while the child was being started.
        self.state.forward_to(child);
        SignalForwarding(self)
    }
}

impl State {
    /// Sends the child the signal that is pending, if any.
    fn forward_to(&self, child: i32) {
        let signal = self.pending.swap(0, Ordering::SeqCst);
        if signal != 0 && child != 0 {
            let _ = kill(Pid::from_raw(child), Signal::try_from(signal).ok());
        }
    }
}

/// Forwards signals that were sent only to us to a child, until it is dropped.
pub(crate) struct SignalForwarding<'a>(&'a Signals);

impl Drop for SignalForwarding<'_> {
    fn drop(&mut self) {
        self.0.state.child.store(0, Ordering::SeqCst);
    }
}

/// Returns whether a signal is ignored, as `nohup` and a shell's background jobs arrange it.
#[expect(unsafe_code, reason = "no safe crate reads a signal's disposition without setting it")]
fn is_ignored(signal: i32) -> bool {
    let mut current = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: a null second argument changes nothing; `current` is written whole when the call succeeds, and read only then.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), current.as_mut_ptr()) == 0
            && current.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
