//! A proxy to a socket that delays every byte by a fixed time, does not limit the bandwidth, and can fail on demand.
//!
//! Slow start and packet loss are not modelled, and a reset of one end arrives as a plain close at the other.

mod connection;
mod target;
mod throttle;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) use self::target::Target;
pub use self::throttle::LinkFault;
use self::throttle::Throttle;

/// A proxy on a port of loopback. It is closed when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    throttle: Arc<Throttle>,
}

impl Proxy {
    /// Opens a proxy to the target on a free port of loopback.
    ///
    /// # Panics
    /// Panics if there is no free port.
    pub(crate) fn to(target: Target, one_way: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("the port's number");
        let closed = Arc::new(AtomicBool::new(false));
        let throttle = Arc::new(Throttle::default());
        let (is_closed, shared) = (Arc::clone(&closed), Arc::clone(&throttle));
        thread::spawn(move || {
            for client in listener.incoming().take_while(|_| !is_closed.load(Ordering::SeqCst)).flatten() {
                let (target, throttle) = (target.clone(), Arc::clone(&shared));
                // It fails if the target refuses the connection: the client sees its own closed.
                thread::spawn(move || connection::serve(client, &target, one_way, &throttle));
            }
        });
        Proxy { address, closed, throttle }
    }

    /// Returns the address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of bytes that have arrived at the target so far, over all connections.
    pub fn sent(&self) -> u64 {
        self.throttle.sent()
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> usize {
        self.throttle.connections()
    }

    /// Makes it fail as soon as so many more bytes have arrived at the target, over all connections: not one follows.
    pub fn fail_after(&self, bytes: u64, fault: LinkFault) {
        self.throttle.fail_after(bytes, fault);
    }

    /// Waits until it has failed.
    ///
    /// # Panics
    /// Panics if too few bytes arrive within the testkit's time limit.
    #[track_caller]
    pub fn wait_until_failed(&self) {
        assert!(self.throttle.wait_until_failed(), "too few bytes were sent");
    }

    /// Ends the fault: silent connections continue, closed ones stay closed.
    pub fn repair(&self) {
        self.throttle.repair();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener, which otherwise waits for a client for ever; it fails if the listener has ended.
        let _ = TcpStream::connect(self.address);
        self.throttle.shut();
    }
}

#[cfg(test)]
mod tests;
