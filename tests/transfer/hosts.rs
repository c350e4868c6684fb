//! The names that a host may have, and several hosts at once.

use std::fs;
use std::io::{ErrorKind, Read};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use dockerutils_testbed::{Dock, Engine, Version};
use serde_json::Value;

use super::{Fixture, dock, engine, messages, small};

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_host_is_a_dock_or_any_destination_of_ssh() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    let home = fixture.project.home();
    let key = dock.key().display().to_string();
    let port = fixture.proxy.address().port();
    // A name from ssh's configuration, without a key there: -i or SSH_KEY names it. What it has for a shell is not for us.
    let names = format!(
        "Host mine\n  HostName 127.0.0.1\n  User ubuntu\n  Port {port}\n  RemoteCommand false\n  RequestTTY force\n"
    );
    let config = fs::read_to_string(home.join(".ssh/config")).expect("a configuration");
    fs::write(home.join(".ssh/config"), format!("{config}\n{names}")).expect("a configuration");
    fixture.know(&format!("[127.0.0.1]:{port}"));
    fixture.know(&format!("[localhost]:{port}"));
    let by_port = format!("ssh://ubuntu@localhost:{port}");
    for (number, (host, key_by)) in [
        ("gpu", None),
        ("127.0.0.1", None),
        ("mine", Some("-i")),
        ("ubuntu@mine", Some("SSH_KEY")),
        (by_port.as_str(), Some("-i")),
        ("ssh://mine", Some("SSH_KEY")),
    ]
    .into_iter()
    .enumerate()
    {
        let image = format!("hosts:{number}");
        engine.load(&small(20 + number as u64), &[&image]);
        let transfer = fixture.transfer(engine, &[&image, host]);
        let transfer = match key_by {
            Some("-i") => transfer.args(["-i", &key]),
            Some(_) => transfer.env("SSH_KEY", &key),
            // An empty SSH_KEY is ignored.
            None => transfer.env("SSH_KEY", ""),
        };
        let outcome = transfer.run();
        outcome.status(0).stdout_is("");
        let lines = messages(&outcome).join("\n");
        assert!(lines.contains(&format!(" to {host} in ")), "{host}: {lines}");
        assert!(fixture.has(&image), "{host}");
    }
    let refused = fixture.transfer(engine, &["hosts:0", "mine"]).run();
    refused.status(1).stderr_has("mine accepts none of your keys");
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_host_that_fails_does_not_stop_the_others() {
    let (engine, dock) = (engine(), dock());
    let bare = Dock::builder("bare", Version::V20).without("zstd").start().expect("a dock");
    let fixture = Fixture::of(dock);
    let register = fixture.project.command("register-dock").env("PATH", dock.path()).arg("-i");
    register.arg(bare.key()).args([&bare.address().to_string(), "bare", "--no-check"]).run().status(0);
    engine.load(&small(31), &["one-fails:1"]);
    let words = ["one-fails:1", "--to", "bare", "--to", "gpu", "--compress", "zstd"];
    let outcome = fixture.transfer(engine, &words).run();
    outcome.status(1).stderr_has("bare cannot unpack zstd");
    assert!(fixture.has("one-fails:1"));
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn several_hosts_are_sent_the_images_from_one_reading() {
    let (engine, dock) = (engine(), dock());
    let other = Dock::builder("other", Version::V26Containerd).start().expect("a dock");
    let fixture = Fixture::of(dock);
    let register = fixture.project.command("register-dock").env("PATH", dock.path()).arg("-i");
    register.arg(other.key()).args([&other.address().to_string(), "other", "--no-check"]).run().status(0);
    engine.load(&small(30), &["both:1"]);
    let words = ["both:1", "--to", "gpu", "--to", "other", "--to", "nowhere.invalid", "--json"];
    let outcome = fixture.transfer(engine, &words).run();
    // The host that cannot be reached does not stop the others.
    outcome.status(1).stderr_has("nowhere.invalid");
    let key = format!("the host key of {}, seen first and trusted from now on: SHA256:", other.address());
    outcome.stderr_has(&key);
    let reports: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let hosts: Vec<&Value> =
        reports.as_array().expect("a list").iter().map(|report| &report["host"]).collect();
    assert_eq!(hosts, ["gpu", "other", "nowhere.invalid"]);
    assert_eq!(reports[0]["error"], Value::Null);
    assert!(reports[2]["error"].as_str().is_some_and(|error| error.contains("nowhere.invalid")), "{reports}");
    let outcome = fixture.transfer(engine, &words).arg("--dry-run").run();
    let plans: Value = serde_json::from_str(&outcome.status(1).stdout).expect("JSON");
    assert_eq!(
        [&plans[0]["host"], &plans[1]["host"], &plans[2]["host"]],
        ["gpu", "other", "nowhere.invalid"]
    );
    assert!(plans[0]["error"].is_null() && plans[2]["error"].is_string(), "{plans}");
    assert!(fixture.has("both:1"));
    other.exec(&["docker", "image", "inspect", "both:1"]);
    fixture.transfer(engine, &["both:1", "gpu", "--as", "both:2"]).run().status(0);
    assert!(fixture.has("both:2"));
    assert!(outcome.stderr.matches("docker save").count() <= 3, "an echo for each host: {}", outcome.stderr);
    fixture.leaves_nothing_behind();
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn every_host_has_an_entry_if_the_images_cannot_be_read() {
    let own = Engine::start_on_disk(Version::V20, 200).expect("an engine");
    let fixture = Fixture::of(dock()).by_save();
    own.load(&small(33), &["unread:1"]);
    let port = fixture.proxy.address().port();
    fixture.know(&format!("[localhost]:{port}"));
    let (by_port, key) = (format!("ssh://ubuntu@localhost:{port}"), fixture.dock.key());
    let fixture = Fixture { docker_first: Some(fixture.docker_that(&own, "exit 1")), ..fixture };
    let words = ["unread:1", "--to", "gpu", "--to", &by_port, "--json"];
    let outcome = fixture.transfer(&own, &words).arg("-i").arg(key).run();
    let entries: Value = serde_json::from_str(&outcome.status(1).stdout).expect("JSON");
    for (entry, host) in [(&entries[0], "gpu"), (&entries[1], by_port.as_str())] {
        assert_eq!(entry["host"], host, "{entries}");
        assert!(
            entry["error"].as_str().is_some_and(|error| error.contains("docker image save")),
            "{entries}"
        );
    }
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_new_dock_that_is_silent_delays_no_other_host() {
    let (engine, dock) = (engine(), dock());
    let fixture = Fixture::of(dock);
    let silent = TcpListener::bind("127.0.0.2:0").expect("a port");
    let port = silent.local_addr().expect("its number").port().to_string();
    let register = fixture.project.command("register-dock").env("PATH", dock.path());
    register.args(["127.0.0.2", "silent", "--no-check", "-p", &port]).run().status(0);
    engine.load(&small(32), &["not-delayed:1"]);
    let running = fixture.transfer(engine, &["not-delayed:1", "--to", "silent", "--to", "gpu"]).spawn();
    let (mut connection, _) = silent.accept().expect("ssh connects");
    while !fixture.has("not-delayed:1") {
        thread::sleep(Duration::from_millis(50));
    }
    // The first connection to the silent dock is still open.
    connection.set_nonblocking(true).expect("a socket");
    let end = connection.read_to_end(&mut Vec::new()).expect_err("ssh waits");
    assert_eq!(end.kind(), ErrorKind::WouldBlock);
    drop((connection, silent));
    running.wait().status(1);
}

#[test]
#[ignore = "needs root: private engine and dock"]
fn a_host_whose_login_shell_is_tcsh_gets_the_image() {
    let engine = engine();
    let dock = Dock::builder("tcsh", Version::V20).start().expect("a dock");
    dock.exec(&["sed", "-i", "/^ubuntu:/s|[^:]*$|/usr/bin/tcsh|", "/etc/passwd"]);
    let fixture = Fixture::of(&dock);
    engine.load(&small(77), &["hosts:tcsh"]);
    let outcome = fixture.transfer(engine, &["hosts:tcsh", "gpu"]).run();
    outcome.status(0).stderr_has(" to gpu in ");
    assert!(fixture.has("hosts:tcsh"));
}
