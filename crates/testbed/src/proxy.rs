//! A way to a socket that takes a fixed time in each direction, is as wide as ever, and can be cut.
//!
//! Slow start and loss are not modelled; a reset arrives as a plain close.

mod connection;
mod throttle;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub use self::throttle::LinkFault;
use self::throttle::Throttle;

/// Where a delayed way leads.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// A delayed way: connections to its address arrive at the target. It is closed when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    throttle: Arc<Throttle>,
}

impl Proxy {
    /// Opens a way to the target on a free port of loopback.
    ///
    /// # Panics
    /// When there is no free port.
    pub(crate) fn to(target: Target, one_way: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("the port's number");
        let closed = Arc::new(AtomicBool::new(false));
        let throttle = Arc::new(Throttle::default());
        let (is_closed, the_throttle) = (Arc::clone(&closed), Arc::clone(&throttle));
        thread::spawn(move || {
            for client in listener.incoming().take_while(|_| !is_closed.load(Ordering::SeqCst)).flatten() {
                let (target, throttle) = (target.clone(), Arc::clone(&the_throttle));
                // It fails when the target does not answer: the client sees its connection closed.
                thread::spawn(move || connection::serve(client, &target, one_way, &throttle));
            }
        });
        Proxy { address, closed, throttle }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many bytes have come out at the target so far, over all connections.
    pub fn sent(&self) -> u64 {
        self.throttle.sent()
    }

    /// How many connections there have been so far.
    pub fn connections(&self) -> usize {
        self.throttle.connections()
    }

    /// Cuts it as soon as so many more bytes have come out at the target, over all connections: not one follows.
    pub fn fail_after(&self, bytes: u64, cut: LinkFault) {
        self.throttle.fail_after(bytes, cut);
    }

    /// Waits until it has been cut.
    ///
    /// # Panics
    /// When that takes longer than two minutes.
    #[track_caller]
    pub fn wait_until_failed(&self) {
        assert!(self.throttle.wait_until_failed(), "too few bytes were sent");
    }

    /// Opens it again: what was silent goes on, what was closed stays so.
    pub fn repair(&self) {
        self.throttle.repair();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener up; when it fails, there is none.
        let _ = TcpStream::connect(self.address);
        self.throttle.shut();
    }
}

#[cfg(test)]
mod tests;
