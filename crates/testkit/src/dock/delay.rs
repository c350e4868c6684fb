//! A way to a socket that takes a fixed time in each direction and is as wide as ever.
//!
//! Every chunk is passed on that time after it came in, without waiting for those before it. A connection is made as a
//! real one would be: the far side sees it after three times the delay, when the handshake's third packet would
//! arrive. Slow start and loss are not modelled; a reset arrives as a plain close.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many chunks may be on the way in one direction, of 64 KiB at most: 256 MiB bound the memory and nothing else.
const ON_THE_WAY: usize = 4096;

/// Where a delayed way leads.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// A delayed way: connections to its address arrive at the target. It is closed when it is dropped.
#[derive(Debug)]
pub struct Delay {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Delay {
    /// Opens a way to the target on a free port of loopback.
    ///
    /// # Panics
    /// When there is no free port.
    pub(super) fn to(target: Target, one_way: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("the port's number");
        let closed = Arc::new(AtomicBool::new(false));
        let is_closed = Arc::clone(&closed);
        thread::spawn(move || {
            for client in listener.incoming().take_while(|_| !is_closed.load(Ordering::SeqCst)).flatten() {
                let target = target.clone();
                // It fails when the target does not answer: the client sees its connection closed.
                thread::spawn(move || serve(&client, &target, one_way));
            }
        });
        Delay { address, closed }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener up; when it fails, there is none.
        let _ = TcpStream::connect(self.address);
    }
}

/// Some bytes and when they arrive; no bytes are the end of the stream.
type Chunk = (Instant, Vec<u8>);

/// One end of a connection.
trait End: Read + Write + Send {
    fn again(&self) -> io::Result<Box<dyn End>>;
    fn finish(&self, what: Shutdown);
}

impl End for TcpStream {
    fn again(&self) -> io::Result<Box<dyn End>> {
        Ok(Box::new(self.try_clone()?))
    }
    fn finish(&self, what: Shutdown) {
        // It fails when the other side was faster.
        let _ = self.shutdown(what);
    }
}

impl End for UnixStream {
    fn again(&self) -> io::Result<Box<dyn End>> {
        Ok(Box::new(self.try_clone()?))
    }
    fn finish(&self, what: Shutdown) {
        let _ = self.shutdown(what);
    }
}

fn serve(client: &TcpStream, target: &Target, delay: Duration) -> io::Result<()> {
    let connected = Instant::now() + 3 * delay;
    client.set_nodelay(true)?;
    let (sender, up) = sync_channel(ON_THE_WAY);
    let (reader, writer) = (client.again()?, client.again()?);
    thread::spawn(move || take(reader, &sender, delay, connected));
    thread::sleep(connected - Instant::now());
    let server = connect(target).inspect_err(|_| client.finish(Shutdown::Both))?;
    let (sender, down) = sync_channel(ON_THE_WAY);
    let reader = server.again()?;
    thread::spawn(move || take(reader, &sender, delay, connected));
    thread::spawn(move || give(&down, writer));
    give(&up, server);
    Ok(())
}

fn connect(target: &Target) -> io::Result<Box<dyn End>> {
    Ok(match target {
        Target::Unix(path) => Box::new(UnixStream::connect(path)?),
        Target::Tcp(address) => {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    })
}

fn take(mut from: Box<dyn End>, to: &SyncSender<Chunk>, delay: Duration, earliest: Instant) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).unwrap_or(0);
        let due = earliest.max(Instant::now() + delay);
        if to.send((due, buffer[..length].to_vec())).is_err() || length == 0 {
            return;
        }
    }
}

fn give(from: &Receiver<Chunk>, mut to: Box<dyn End>) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if bytes.is_empty() || to.write_all(&bytes).is_err() {
            break;
        }
    }
    to.finish(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_arrives_in_both_directions_and_not_too_early() {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let target = Target::Tcp(echo.local_addr().expect("an address"));
        thread::spawn(move || {
            let (mut from, _) = echo.accept().expect("a connection");
            let mut to = from.try_clone().expect("its other half");
            io::copy(&mut from, &mut to).expect("an echo");
            to.finish(Shutdown::Write);
        });
        let delay = Delay::to(target, Duration::from_millis(20));
        let sent: Vec<u8> = (0..8_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let start = Instant::now();
        let mut client = TcpStream::connect(delay.address()).expect("a connection");
        let mut writer = client.try_clone().expect("its other half");
        let bytes = sent.clone();
        thread::spawn(move || {
            writer.write_all(&bytes).expect("bytes to send");
            writer.finish(Shutdown::Write);
        });
        let mut received = Vec::new();
        client.read_to_end(&mut received).expect("an answer");
        assert!(received == sent);
        assert!(start.elapsed() >= Duration::from_millis(4 * 20));
    }

    #[test]
    fn nobody_there_is_a_closed_connection() {
        let delay = Delay::to(Target::Unix("/nonexistent/socket".into()), Duration::from_millis(1));
        let mut client = TcpStream::connect(delay.address()).expect("a connection");
        assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    }
}
