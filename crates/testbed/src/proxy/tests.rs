use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{LinkFault, Proxy, Target};

#[test]
fn bytes_arrive_in_both_directions_and_not_too_early() {
    let (echo, target) = listen();
    thread::spawn(move || {
        let (mut from, _) = echo.accept().expect("a connection");
        let mut to = from.try_clone().expect("its other half");
        io::copy(&mut from, &mut to).expect("an echo");
        to.shutdown(Shutdown::Write).expect("an end");
    });
    let proxy = Proxy::to(target, Duration::from_millis(20));
    let start = Instant::now();
    let mut client = TcpStream::connect(proxy.address()).expect("a connection");
    let sender = send(&client, 8_000_000);
    let mut received = Vec::new();
    client.read_to_end(&mut received).expect("bytes");
    assert!(received == pattern(8_000_000));
    assert!(start.elapsed() >= Duration::from_millis(4 * 20));
    sender.join().expect("all is sent");
    assert_eq!((proxy.sent(), proxy.connections()), (8_000_000, 1));
}

#[test]
fn a_missing_target_closes_the_connection() {
    let proxy = Proxy::to(Target::Unix("/nonexistent/socket".into()), Duration::from_millis(1));
    let mut client = TcpStream::connect(proxy.address()).expect("a connection");
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn a_closed_proxy_passes_exactly_the_allowed_bytes() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let proxy = Proxy::to(target, Duration::from_millis(1));
    proxy.fail_after(1_000_001, LinkFault::Closed);
    let mut client = TcpStream::connect(proxy.address()).expect("a connection");
    let sender = send(&client, 3_000_000);
    proxy.wait_until_failed();
    assert!(arrived.recv().expect("a connection") == pattern(1_000_001));
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    drop(client);
    // Whether the sender sees an error for bytes that were not read depends on the kernel's timing.
    let _ = sender.join();
    assert_eq!(proxy.sent(), 1_000_001);

    let mut refused = TcpStream::connect(proxy.address()).expect("a connection");
    assert_eq!(refused.read(&mut [0]).unwrap_or(0), 0);
    proxy.repair();
    let again = TcpStream::connect(proxy.address()).expect("a connection");
    send(&again, 10).join().expect("all is sent");
    assert!(arrived.recv().expect("a connection") == pattern(10));
}

#[test]
fn the_bytes_of_all_connections_are_counted_together() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let proxy = Proxy::to(target, Duration::from_millis(1));
    proxy.fail_after(1_500_000, LinkFault::Closed);
    for _ in 0..2 {
        let client = TcpStream::connect(proxy.address()).expect("a connection");
        let _ = send(&client, 1_000_000).join();
        // The next connection begins only when this one has arrived.
        let whole = arrived.recv().expect("a connection").len();
        assert!([1_000_000, 500_000].contains(&whole), "{whole}");
    }
    assert_eq!((proxy.sent(), proxy.connections()), (1_500_000, 2));
}

#[test]
fn a_silent_connection_continues_after_the_repair() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let proxy = Proxy::to(target, Duration::from_millis(1));
    proxy.fail_after(1_000_001, LinkFault::Silent);
    let client = TcpStream::connect(proxy.address()).expect("a connection");
    let sender = send(&client, 3_000_000);
    proxy.wait_until_failed();
    let soon = Duration::from_millis(100);
    assert!(arrived.recv_timeout(soon).is_err());
    assert_eq!(proxy.sent(), 1_000_001);
    proxy.repair();
    assert!(arrived.recv().expect("a connection") == pattern(3_000_000));
    sender.join().expect("all is sent");
}

fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let target = Target::Tcp(listener.local_addr().expect("an address"));
    (listener, target)
}

/// Returns a channel with the bytes of each connection that has ended.
fn collect(listener: TcpListener) -> Receiver<Vec<u8>> {
    let (sender, all) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = Vec::new();
            // A reset ends the connection as well.
            let _ = stream.read_to_end(&mut bytes);
            if sender.send(bytes).is_err() {
                return;
            }
        }
    });
    all
}

/// Sends so many bytes and the end of the stream.
fn send(to: &TcpStream, count: usize) -> JoinHandle<()> {
    let mut to = to.try_clone().expect("its other half");
    thread::spawn(move || {
        to.write_all(&pattern(count)).and_then(|()| to.shutdown(Shutdown::Write)).expect("bytes to send");
    })
}

fn pattern(count: usize) -> Vec<u8> {
    (0..count).map(|number| (number % 251) as u8).collect()
}
