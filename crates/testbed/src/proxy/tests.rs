use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{LinkFault, Proxy, Target};

#[test]
fn all_arrives_in_both_directions_and_not_too_early() {
    let (echo, target) = listen();
    thread::spawn(move || {
        let (mut from, _) = echo.accept().expect("a connection");
        let mut to = from.try_clone().expect("its other half");
        io::copy(&mut from, &mut to).expect("an echo");
        to.shutdown(Shutdown::Write).expect("an end");
    });
    let delay = Proxy::to(target, Duration::from_millis(20));
    let start = Instant::now();
    let mut client = TcpStream::connect(delay.address()).expect("a connection");
    let sender = send(&client, 8_000_000);
    let mut received = Vec::new();
    client.read_to_end(&mut received).expect("an answer");
    assert!(received == pattern(8_000_000));
    assert!(start.elapsed() >= Duration::from_millis(4 * 20));
    sender.join().expect("all is sent");
    assert_eq!((delay.sent(), delay.connections()), (8_000_000, 1));
}

#[test]
fn nobody_there_is_a_closed_connection() {
    let delay = Proxy::to(Target::Unix("/nonexistent/socket".into()), Duration::from_millis(1));
    let mut client = TcpStream::connect(delay.address()).expect("a connection");
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn it_is_closed_after_so_many_bytes_and_not_one_follows() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let delay = Proxy::to(target, Duration::from_millis(1));
    delay.fail_after(1_000_001, LinkFault::Closed);
    let mut client = TcpStream::connect(delay.address()).expect("a connection");
    let sender = send(&client, 3_000_000);
    delay.wait_until_failed();
    assert!(arrived.recv().expect("a connection") == pattern(1_000_001));
    assert_eq!(client.read(&mut [0]).unwrap_or(0), 0);
    drop(client);
    // What nobody takes is lost, or the sender hears of it: that is the kernel's affair.
    let _ = sender.join();
    assert_eq!(delay.sent(), 1_000_001);

    let mut refused = TcpStream::connect(delay.address()).expect("a connection");
    assert_eq!(refused.read(&mut [0]).unwrap_or(0), 0);
    delay.repair();
    let again = TcpStream::connect(delay.address()).expect("a connection");
    send(&again, 10).join().expect("all is sent");
    assert!(arrived.recv().expect("a connection") == pattern(10));
}

#[test]
fn the_bytes_of_all_connections_count() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let delay = Proxy::to(target, Duration::from_millis(1));
    delay.fail_after(1_500_000, LinkFault::Closed);
    for _ in 0..2 {
        let client = TcpStream::connect(delay.address()).expect("a connection");
        let _ = send(&client, 1_000_000).join();
        // Until it is there, the next one does not begin.
        let whole = arrived.recv().expect("a connection").len();
        assert!([1_000_000, 500_000].contains(&whole), "{whole}");
    }
    assert_eq!((delay.sent(), delay.connections()), (1_500_000, 2));
}

#[test]
fn what_was_silent_goes_on_when_it_is_mended() {
    let (sink, target) = listen();
    let arrived = collect(sink);
    let delay = Proxy::to(target, Duration::from_millis(1));
    delay.fail_after(1_000_001, LinkFault::Silent);
    let client = TcpStream::connect(delay.address()).expect("a connection");
    let sender = send(&client, 3_000_000);
    delay.wait_until_failed();
    let soon = Duration::from_millis(100);
    assert!(arrived.recv_timeout(soon).is_err());
    assert_eq!(delay.sent(), 1_000_001);
    delay.repair();
    assert!(arrived.recv().expect("a connection") == pattern(3_000_000));
    sender.join().expect("all is sent");
}

fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let target = Target::Tcp(listener.local_addr().expect("an address"));
    (listener, target)
}

/// What each connection has brought, when it has ended.
fn collect(listener: TcpListener) -> Receiver<Vec<u8>> {
    let (sender, all) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = Vec::new();
            // A reset is an end as well.
            let _ = stream.read_to_end(&mut bytes);
            if sender.send(bytes).is_err() {
                return;
            }
        }
    });
    all
}

/// Sends so many bytes, and that there are no more.
fn send(to: &TcpStream, count: usize) -> JoinHandle<()> {
    let mut to = to.try_clone().expect("its other half");
    thread::spawn(move || {
        to.write_all(&pattern(count)).and_then(|()| to.shutdown(Shutdown::Write)).expect("bytes to send");
    })
}

fn pattern(count: usize) -> Vec<u8> {
    (0..count).map(|number| (number % 251) as u8).collect()
}
