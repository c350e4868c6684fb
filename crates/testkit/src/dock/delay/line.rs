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
use super::gate::Gate;

/// How many chunks may be on the way in one direction, of 64 KiB at most: 256 MiB bound the memory and nothing else.
const ON_THE_WAY: usize = 4096;

/// Some bytes and when they arrive; no bytes are the end of the stream.
type Chunk = (Instant, Vec<u8>);

/// A connection with both its ends, once it has them.
#[derive(Debug)]
pub(super) struct Line {
    client: End,
    server: OnceLock<End>,
}

#[derive(Debug)]
enum End {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Line {
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
pub(super) fn serve(client: TcpStream, target: &Target, delay: Duration, gate: &Arc<Gate>) -> io::Result<()> {
    let connected = Instant::now() + 3 * delay;
    client.set_nodelay(true)?;
    let line = Arc::new(Line { client: End::Tcp(client), server: OnceLock::new() });
    let (sender, up) = sync_channel(ON_THE_WAY);
    let reader = Arc::clone(&line);
    thread::spawn(move || take(&reader.client, &sender, delay, connected));
    thread::sleep(connected.saturating_duration_since(Instant::now()));
    if !gate.enter(&line) {
        line.close();
        return Ok(());
    }
    let server = End::connect(target).inspect_err(|_| line.close())?;
    let server = line.server.get_or_init(|| server);
    // Whoever closed all lines meanwhile did not see this end.
    gate.settle();
    let (sender, down) = sync_channel(ON_THE_WAY);
    let client = &line.client;
    thread::scope(|scope| {
        scope.spawn(move || take(server, &sender, delay, connected));
        scope.spawn(move || give_client(down, client, gate));
        give_server(up, server, gate);
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

fn give_client(from: Receiver<Chunk>, to: &End, gate: &Gate) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if !gate.pass() || bytes.is_empty() || to.write(&bytes).is_err() {
            break;
        }
    }
    to.finish(Shutdown::Write);
}

fn give_server(from: Receiver<Chunk>, to: &End, gate: &Gate) {
    for (due, bytes) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut rest = bytes.as_slice();
        // What is silent in the midst of a chunk may go on with the rest of it.
        while let Some(allowed @ 1..) = (!rest.is_empty()).then(|| gate.pass_to_target(rest.len())) {
            let written = to.write(&rest[..allowed]);
            gate.settle();
            rest = if written.is_ok() { &rest[allowed..] } else { return to.finish(Shutdown::Write) };
        }
        if bytes.is_empty() || !rest.is_empty() {
            break;
        }
    }
    // The end of the stream is held up as well.
    gate.pass();
    to.finish(Shutdown::Write);
}
