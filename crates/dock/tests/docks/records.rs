//! connection_config.txt: records of the original dockerutils are read, hostile ones are refused with their line.

use std::fs;

use dockerutils_dock::{Address, Dock};
use proptest::prelude::*;

use crate::strategies::docks;
use crate::{Home, dock};

fn read(home: &Home, address: &str) -> Result<Dock, String> {
    let address: Address = address.parse().expect("an address");
    home.docks.at(&address).map(|dock| dock.expect("a record")).map_err(|error| error.to_string())
}

#[test]
fn records_of_the_original_dockerutils_are_read() {
    let home = Home::new();
    home.record("10.0.0.1", "DOCK_USER=admin\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=10.0.0.1\nDOCK_IP=10.0.0.1\n");
    assert_eq!(
        read(&home, "10.0.0.1"),
        Ok(Dock { user: "admin".parse().unwrap(), ..dock("10.0.0.1", "gpu") })
    );
    // It wrote `none` for a dock without a moniker, whose moniker is then its address.
    home.record(
        "build.lan",
        "DOCK_USER=ubuntu\nDOCK_MONIKER=none\nDOCK_HOSTNAME=build.lan\nDOCK_IP=build.lan\n",
    );
    assert_eq!(read(&home, "build.lan"), Ok(dock("build.lan", "build.lan")));
    let provisioned =
        "DOCK_MONIKER=ec2\nDOCK_IP=10.0.0.2\nDOCK_INSTANCE_ID=i-0abc\nDOCK_PROVISIONED_PRODUCT=pp-x\n";
    home.record("10.0.0.2", provisioned);
    let instance_id = Some("i-0abc".parse().unwrap());
    assert_eq!(read(&home, "10.0.0.2"), Ok(Dock { instance_id, ..dock("10.0.0.2", "ec2") }));
}

#[test]
fn quotes_blanks_and_comments_are_ignored() {
    let home = Home::new();
    home.record("h", "\r\n# a comment\r\n  DOCK_MONIKER='gpu'\r\nDOCK_USER=\"me\"\nDOCK_IDENTITY=\"~/a key\"\nDOCK_PORT=\n");
    let expected =
        Dock { user: "me".parse().unwrap(), identity: Some("~/a key".parse().unwrap()), ..dock("h", "gpu") };
    assert_eq!(read(&home, "h"), Ok(expected));
}

#[test]
fn hostile_values_are_refused_with_their_line() {
    let home = Home::new();
    for (line, message) in [
        ("DOCK_IP=../..", "DOCK_IP: `../..` is not a valid address"),
        ("DOCK_IP=-oProxyCommand=touch x", "is not a valid address"),
        ("DOCK_IP=other", "DOCK_IP is `other`, but the folder is that of another dock"),
        ("DOCK_HOSTNAME=a b", "DOCK_HOSTNAME: `a b` is not a valid address"),
        ("DOCK_MONIKER=$(touch x)", "DOCK_MONIKER: `$(touch x)` is not a valid moniker"),
        ("DOCK_MONIKER='", "DOCK_MONIKER: `'` is not a valid moniker"),
        ("DOCK_USER=root;id", "DOCK_USER: `root;id` is not a valid user name"),
        ("DOCK_PORT=0", "DOCK_PORT: `0` is not a valid port"),
        ("DOCK_PORT=22 -oX", "DOCK_PORT: `22 -oX` is not a valid port"),
        ("DOCK_IDENTITY=key", "DOCK_IDENTITY: `key` is not a valid identity file"),
        ("DOCK_SOCKET=/run/a:b", "DOCK_SOCKET: `/run/a:b` is not a valid socket"),
        ("DOCK_SOCKET=docker.sock", "DOCK_SOCKET: `docker.sock` is not a valid socket"),
        ("DOCK_JUMP=-oX", "DOCK_JUMP: `-oX` is not a valid jump host"),
        ("DOCK_REGION=EU\u{1b}[1m", "DOCK_REGION: `EU\\x1b[1m` is not a valid region"),
        ("DOCK_ACCOUNT=12345", "DOCK_ACCOUNT: `12345` is not a valid account: write twelve digits"),
        ("DOCK_PROFILE=--debug", "DOCK_PROFILE: `--debug` is not a valid profile"),
        ("DOCK_INSTANCE_ID=i-0 x", "DOCK_INSTANCE_ID: `i-0 x` is not a valid instance ID"),
        ("touch x", "this is not KEY=VALUE"),
        ("A B=c", "this is not KEY=VALUE"),
        ("# fine\nX=1\nX=2", "X is already set on line 3"),
    ] {
        home.record("h", format!("DOCK_X=1\n{line}\n"));
        let error = read(&home, "h").unwrap_err();
        let number = if message.starts_with('X') { 4 } else { 2 };
        assert!(
            error.contains(&format!("h/connection_config.txt:{number}: ")) && error.contains(message),
            "{error}"
        );
        assert!(error.contains("`unregister-dock h`") && error.lines().count() == 1, "{error}");
    }
    home.record("h", b"DOCK_USER=a\nDOCK_MONIKER=\xff\n");
    assert!(read(&home, "h").unwrap_err().contains(":2: this is not text in UTF-8"));
}

#[test]
fn foreign_keys_and_comments_are_kept() {
    let home = Home::new();
    home.record("h", "# mine\nDOCK_USER=a\nDOCK_PROVISIONED_PRODUCT=\"pp x\"\nDOCK_PORT=22\n");
    home.docks.register(&dock("h", "gpu")).unwrap();
    let written = fs::read_to_string(home.path().join(".docker/h/connection_config.txt")).unwrap();
    assert_eq!(
        written,
        "DOCK_USER=ubuntu\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=h\nDOCK_IP=h\n# mine\nDOCK_PROVISIONED_PRODUCT=\"pp x\"\n"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let home = Home::new();
        home.record("h", bytes);
        let _ = read(&home, "h");
    }

    #[test]
    fn no_lines_make_it_panic(lines in prop::collection::vec("(DOCK_(IP|USER|PORT|JUMP|IDENTITY)=)?\\PC{0,12}", 0..6)) {
        let home = Home::new();
        home.record("h", lines.join("\n"));
        if let Ok(dock) = read(&home, "h") {
            prop_assert_eq!(dock.address.as_str(), "h");
        }
    }

    #[test]
    fn a_record_that_is_written_is_read_back(dock in docks()) {
        let home = Home::new();
        home.docks.register(&dock).unwrap();
        prop_assert_eq!(home.docks.at(&dock.address).unwrap(), Some(dock.clone()));
        prop_assert_eq!(home.docks.all().unwrap(), vec![dock]);
    }
}
