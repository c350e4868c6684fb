//! Where the bytes of all connections of a way come by, are counted, and are held up when it is cut.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use super::connection::Connection;
use dockerutils_testkit::TIMEOUT;

/// What a cut looks like to both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// Connections are closed, and new ones too: a server or a gateway that went down.
    Closed,
    /// Nothing comes through any more, and nobody says so: a cable that was pulled.
    Silent,
}

#[derive(Debug, Default)]
pub(super) struct Throttle {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes that went to the target.
    sent: u64,
    /// The count at which it is to be cut, and how.
    planned: Option<(u64, LinkFault)>,
    cut: Option<LinkFault>,
    connections: usize,
    lines: Vec<Weak<Connection>>,
}

impl Throttle {
    pub(super) fn sent(&self) -> u64 {
        self.state().sent
    }

    pub(super) fn connections(&self) -> usize {
        self.state().connections
    }

    pub(super) fn fail_after(&self, bytes: u64, cut: LinkFault) {
        let mut state = self.state();
        state.planned = Some((state.sent + bytes, cut));
        state.cut_if_it_is_time();
        self.tell(state);
    }

    /// Whether it was cut before the limit of everything here.
    pub(super) fn wait_until_failed(&self) -> bool {
        let state = self.changed.wait_timeout_while(self.state(), TIMEOUT, |state| state.cut.is_none());
        state.unwrap_or_else(PoisonError::into_inner).0.cut.is_some()
    }

    pub(super) fn repair(&self) {
        let mut state = self.state();
        (state.planned, state.cut) = (None, None);
        self.tell(state);
    }

    /// Closes what is silent: nothing is left waiting when nobody is there to mend it.
    pub(super) fn shut(&self) {
        let mut state = self.state();
        if state.cut == Some(LinkFault::Silent) {
            state.cut = Some(LinkFault::Closed);
        }
        self.tell(state);
    }

    /// Notes a new connection; it waits while all is silent, and does not begin when it is closed.
    pub(super) fn enter(&self, connection: &Arc<Connection>) -> bool {
        let mut state = self.state();
        state.connections += 1;
        state.lines.retain(|connection| connection.strong_count() > 0);
        state.lines.push(Arc::downgrade(connection));
        drop(state);
        self.pass()
    }

    /// Waits while all is silent; says whether bytes may go to the client.
    pub(super) fn pass(&self) -> bool {
        self.wait_while_silent().cut.is_none()
    }

    /// Waits while all is silent; says how many of these bytes may go to the target. Fewer are the last.
    pub(super) fn pass_to_target(&self, bytes: usize) -> usize {
        let mut state = self.wait_while_silent();
        let room = match (state.cut, state.planned) {
            (Some(_), _) => 0,
            (None, Some((at, _))) => at - state.sent,
            (None, None) => u64::MAX,
        };
        let allowed = usize::try_from(room).map_or(bytes, |room| room.min(bytes));
        state.sent += allowed as u64;
        state.cut_if_it_is_time();
        allowed
    }

    /// Lets everybody know of a cut; to be called when what was allowed has been written.
    pub(super) fn settle(&self) {
        let state = self.state();
        if state.cut.is_some() {
            self.tell(state);
        }
    }

    fn tell(&self, state: MutexGuard<'_, State>) {
        if state.cut == Some(LinkFault::Closed) {
            state.lines.iter().filter_map(Weak::upgrade).for_each(|connection| connection.close());
        }
        drop(state);
        self.changed.notify_all();
    }

    fn wait_while_silent(&self) -> MutexGuard<'_, State> {
        let state = self.changed.wait_while(self.state(), |state| state.cut == Some(LinkFault::Silent));
        state.unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn cut_if_it_is_time(&mut self) {
        if let Some((_, cut)) = self.planned.take_if(|(at, _)| *at == self.sent) {
            self.cut = Some(cut);
        }
    }
}
