//! `run-image`: published ports and networks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use dockerutils_testbed::engines;

use super::{project, run};

#[test]
#[ignore = "needs root: private engine"]
fn a_published_port_can_be_reached_on_loopback() {
    for engine in engines() {
        let port = free_port();
        let keys =
            "ports=-p 127.0.0.1:${PORT}:80\nvolumes=-v {project_root}:/www\ncmd=httpd -f -p 80 -h /www";
        let project = project("served", keys).file("page", "the page");
        let outcome = run(&project, engine, &["served", "-k"]).env("PORT", port.to_string()).run();
        let id = outcome.status(0).stdout.trim_end();
        let response = (0..1500).find_map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            get(port).filter(|response| !response.is_empty())
        });
        assert!(
            response.as_ref().is_some_and(|response| response.ends_with("\r\n\r\nthe page")),
            "{response:?}"
        );
        engine.docker(&["rm", "-f", id]);
    }
}

/// Returns a port that no process listens on; docker's proxy opens it a moment later.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn get(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(b"GET /page HTTP/1.0\r\n\r\n").ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok().map(|_| response)
}

#[test]
#[ignore = "needs root: private engine"]
fn the_network_of_the_command_line_takes_precedence() {
    for engine in engines() {
        for network in ["configured", "given"] {
            engine.docker(&["network", "create", network]);
        }
        let project = project("networked", "network=configured\ncmd=sleep 1000");
        for (flags, network) in [(&[][..], "configured"), (&["-n", "given"][..], "given")] {
            let outcome = run(&project, engine, &[&["networked", "-k"], flags].concat()).run();
            let id = outcome.status(0).stdout.trim_end();
            let joined = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}";
            assert_eq!(engine.docker(&["inspect", "--format", joined, id]), network);
            engine.docker(&["rm", "-f", id]);
        }
        run(&project, engine, &["networked", "-n", "none", "-c", "ls /sys/class/net"])
            .run()
            .stdout_is("lo\n");
        engine.docker(&["network", "rm", "configured", "given"]);
    }
}
