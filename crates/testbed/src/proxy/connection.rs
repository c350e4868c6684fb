//! One connection of a way.
//!
//! Every chunk is passed on a fixed time after it came in, without waiting for those before it. A connection is made as
//! a real one would be: the far side sees it after three times the delay, when the handshake's third packet would
//! arrive.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::Target;
use super::throttle::Throttle;

/// How many chunks may be on the way in one direction, of 64 KiB at most: 256 MiB bound the memory and nothing else.
const ON_THE_WAY: usize = 4096;

/// Some bytes and when they arrive; no bytes are the end of the stream.
type Chunk = (Instant, Vec<u8>);

/// A connection with both its ends, once it has them.
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

impl Connection {
    /// Closes both ends in both directions.
    pub(super) fn close(&self) {
        [Some(&self.client), self.server.get()]
            .into_iter()
            .flatten()
            .for_each(|end| end.finish(Shutdown::Both));
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

    fn finish(&self, what: Shutdown) {
        // It fails when the other side was faster.
        let _ = match self {
            End::Tcp(stream) => stream.shutdown(what),
            End::Unix(stream) => stream.shutdown(what),
        };
    }
}

/// Makes the connection's other half, and passes on what comes until both ends have ended.
pub(super) fn serve(
    client: TcpStream,
    target: &Target,
    delay: Duration,
    throttle: &Arc<Throttle>,
) -> io::Result<()> {
    let connected = Instant::now() + 3 * delay;
    client.set_nodelay(true)?;
    let connection = Arc::new(Connection { client: End::Tcp(client), server: OnceLock::new() });
    let (sender, up) = sync_channel(ON_THE_WAY);
    let reader = Arc::clone(&connection);
    thread::spawn(move || take(&reader.client, &sender, delay, connected));
    thread::sleep(connected.saturating_duration_since(Instant::now()));
    if !throttle.enter(&connection) {
        connection.close();
        return Ok(());
    }
    let server = End::connect(target).inspect_err(|_| connection.close())?;
    let server = connection.server.get_or_init(|| server);
    // Whoever closed all connections meanwhile did not see this end.
    throttle.settle();
    let (sender, down) = sync_channel(ON_THE_WAY);
    let client = &connection.client;
    thread::scope(|scope| {
        scope.spawn(move || take(server, &sender, delay, connected));
        scope.spawn(move || give_client(down, client, throttle));
        give_server(up, server, throttle);
    });
    Ok(())
}

fn take(from: &End, to: &SyncSender<Chunk>, delay: Duration, earliest: Instant) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut buffer).unwrap_or(0);
        let due = earliest.max(Instant::now() + delay);
        if to.send((due, buffer[..length].to_vec())).is_err() || length == 0 {
            return;
        }
    }
}

fn give_client(from: Receiver<Chunk>, to: &End, throttle: &Throttle) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if !throttle.pass() || bytes.is_empty() || to.write(&bytes).is_err() {
            break;
        }
    }
    to.finish(Shutdown::Write);
}

fn give_server(from: Receiver<Chunk>, to: &End, throttle: &Throttle) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut rest = bytes.as_slice();
        // What is silent in the midst of a chunk may go on with the rest of it.
        while let Some(allowed @ 1..) = (!rest.is_empty()).then(|| throttle.pass_to_target(rest.len())) {
            let written = to.write(&rest[..allowed]);
            throttle.settle();
            rest = if written.is_ok() { &rest[allowed..] } else { return to.finish(Shutdown::Write) };
        }
        if bytes.is_empty() || !rest.is_empty() {
            break;
        }
    }
    // The end of the stream is held up as well.
    throttle.pass();
    to.finish(Shutdown::Write);
}
