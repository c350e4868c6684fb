//! Counts the bytes of all connections of a proxy, and holds them up while the proxy is failing.

use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use dockerutils_testkit::TIMEOUT;

/// How a failing proxy looks to both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// Connections are closed, new ones too: a server or a gateway went down.
    Closed,
    /// Nothing arrives any more, without any notice: a cable was pulled.
    Silent,
}

/// A connection that a fault closes.
pub(super) trait Close: Debug + Send + Sync {
    fn close(&self);
}

#[derive(Debug, Default)]
pub(super) struct Throttle {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The bytes that went to the target.
    sent: u64,
    /// The count of bytes at which it will fail, and how.
    planned: Option<(u64, LinkFault)>,
    fault: Option<LinkFault>,
    /// The number of connections so far.
    count: usize,
    open: Vec<Weak<dyn Close>>,
}

impl Throttle {
    pub(super) fn sent(&self) -> u64 {
        self.state().sent
    }

    pub(super) fn connections(&self) -> usize {
        self.state().count
    }

    pub(super) fn fail_after(&self, bytes: u64, fault: LinkFault) {
        let mut state = self.state();
        state.planned = Some((state.sent + bytes, fault));
        state.fail_if_due();
        self.publish(state);
    }

    /// Returns whether it failed within the time limit.
    pub(super) fn wait_until_failed(&self) -> bool {
        let state = self.changed.wait_timeout_while(self.state(), TIMEOUT, |state| state.fault.is_none());
        state.unwrap_or_else(PoisonError::into_inner).0.fault.is_some()
    }

    pub(super) fn repair(&self) {
        let mut state = self.state();
        (state.planned, state.fault) = (None, None);
        self.publish(state);
    }

    /// Closes silent connections, because no test can repair them any more and their threads would wait for ever.
    pub(super) fn shut(&self) {
        let mut state = self.state();
        if state.fault == Some(LinkFault::Silent) {
            state.fault = Some(LinkFault::Closed);
        }
        self.publish(state);
    }

    /// Counts a new connection, waits while the proxy is silent, and returns whether the connection may begin.
    pub(super) fn enter(&self, connection: &Arc<dyn Close>) -> bool {
        let mut state = self.state();
        state.count += 1;
        state.open.retain(|connection| connection.strong_count() > 0);
        state.open.push(Arc::downgrade(connection));
        drop(state);
        self.pass()
    }

    /// Waits while the proxy is silent, and returns whether bytes may go to the client.
    pub(super) fn pass(&self) -> bool {
        self.wait_while_silent().fault.is_none()
    }

    /// Waits while the proxy is silent, and returns how many of these bytes may go to the target.
    pub(super) fn pass_to_target(&self, bytes: usize) -> usize {
        let mut state = self.wait_while_silent();
        let room = match (state.fault, state.planned) {
            (Some(_), _) => 0,
            (None, Some((at, _))) => at - state.sent,
            (None, None) => u64::MAX,
        };
        let allowed = usize::try_from(room).map_or(bytes, |room| room.min(bytes));
        state.sent += allowed as u64;
        state.fail_if_due();
        allowed
    }

    /// Applies a fault that has become due. To be called after the allowed bytes were written: earlier, they would be
    /// lost with the connection that the fault closes.
    pub(super) fn settle(&self) {
        let state = self.state();
        if state.fault.is_some() {
            self.publish(state);
        }
    }

    /// Closes connections if the fault is `Closed`, and wakes all that wait for a change.
    fn publish(&self, state: MutexGuard<'_, State>) {
        if state.fault == Some(LinkFault::Closed) {
            state.open.iter().filter_map(Weak::upgrade).for_each(|connection| connection.close());
        }
        drop(state);
        self.changed.notify_all();
    }

    fn wait_while_silent(&self) -> MutexGuard<'_, State> {
        let is_silent = |state: &mut State| state.fault == Some(LinkFault::Silent);
        self.changed.wait_while(self.state(), is_silent).unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fail_if_due(&mut self) {
        if let Some((_, fault)) = self.planned.take_if(|(at, _)| *at == self.sent) {
            self.fault = Some(fault);
        }
    }
}
