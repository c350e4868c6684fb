//! One connection of a proxy.
//!
//! Every chunk is passed on a fixed time after it came in, without waiting for those before it. The connection to the
//! target is made after three times the delay, which is when the third packet of a TCP handshake would arrive there.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::target::Target;
use super::throttle::{Close, Throttle};

/// How many chunks of at most 64 KiB may be delayed in one direction. It bounds the memory, and is large enough never to
/// limit the bandwidth.
const CAPACITY: usize = 4096;

/// Bytes and the time at which they arrive; no bytes mark the end of the stream.
type Chunk = (Instant, Vec<u8>);

/// A connection with its ends; that of the server is set when it is connected.
#[derive(Debug)]
pub(super) struct Connection {
    client: End,
    server: OnceLock<End>,
}

#[derive(Debug)]
enum End {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Close for Connection {
    /// Closes both ends in both directions.
    fn close(&self) {
        [Some(&self.client), self.server.get()]
            .into_iter()
            .flatten()
            .for_each(|end| end.shut_down(Shutdown::Both));
    }
}

impl End {
    fn connect(target: &Target) -> io::Result<Self> {
        Ok(match target {
            Target::Unix(path) => End::Unix(UnixStream::connect(path)?),
            Target::Tcp(address) => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                End::Tcp(stream)
            }
        })
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            End::Tcp(stream) => (&*stream).read(buffer),
            End::Unix(stream) => (&*stream).read(buffer),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            End::Tcp(stream) => (&*stream).write_all(bytes),
            End::Unix(stream) => (&*stream).write_all(bytes),
        }
    }

    fn shut_down(&self, half: Shutdown) {
        // It fails if the other side has closed the connection.
        let _ = match self {
            End::Tcp(stream) => stream.shutdown(half),
            End::Unix(stream) => stream.shutdown(half),
        };
    }
}

/// Connects to the target, and passes bytes on in both directions until both ends have closed.
///
/// # Errors
/// Fails if the target refuses the connection.
pub(super) fn serve(
    client: TcpStream,
    target: &Target,
    delay: Duration,
    throttle: &Arc<Throttle>,
) -> io::Result<()> {
    let connected = Instant::now() + 3 * delay;
    // Nagle's algorithm would hold back small packets, and add to the delay.
    client.set_nodelay(true)?;
    let connection = Arc::new(Connection { client: End::Tcp(client), server: OnceLock::new() });
    let (sender, up) = sync_channel(CAPACITY);
    let reader = Arc::clone(&connection);
    thread::spawn(move || read_from(&reader.client, &sender, delay, connected));
    thread::sleep(connected.saturating_duration_since(Instant::now()));
    let open: Arc<dyn Close> = connection.clone();
    if !throttle.enter(&open) {
        connection.close();
        return Ok(());
    }
    let server = End::connect(target).inspect_err(|_| connection.close())?;
    let server = connection.server.get_or_init(|| server);
    // A fault that closed all connections in the meantime did not see this end.
    throttle.settle();
    let (sender, down) = sync_channel(CAPACITY);
    let client = &connection.client;
    thread::scope(|scope| {
        scope.spawn(move || read_from(server, &sender, delay, connected));
        scope.spawn(move || write_to_client(down, client, throttle));
        write_to_server(up, server, throttle);
    });
    Ok(())
}

fn read_from(from: &End, to: &SyncSender<Chunk>, delay: Duration, earliest: Instant) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).unwrap_or(0);
        let due = earliest.max(Instant::now() + delay);
        if to.send((due, buffer[..length].to_vec())).is_err() || length == 0 {
            return;
        }
    }
}

fn write_to_client(from: Receiver<Chunk>, to: &End, throttle: &Throttle) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if !throttle.pass() || bytes.is_empty() || to.write(&bytes).is_err() {
            break;
        }
    }
    to.shut_down(Shutdown::Write);
}

fn write_to_server(from: Receiver<Chunk>, to: &End, throttle: &Throttle) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut rest = bytes.as_slice();
        // After a silent fault within a chunk, its rest is still to be sent.
        while let Some(allowed @ 1..) = (!rest.is_empty()).then(|| throttle.pass_to_target(rest.len())) {
            let written = to.write(&rest[..allowed]);
            throttle.settle();
            rest = if written.is_ok() { &rest[allowed..] } else { return to.shut_down(Shutdown::Write) };
        }
        if bytes.is_empty() || !rest.is_empty() {
            break;
        }
    }
    // A silent proxy holds up the end of the stream too.
    throttle.pass();
    to.shut_down(Shutdown::Write);
}
