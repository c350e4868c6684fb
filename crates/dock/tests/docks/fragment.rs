//! The settings that ssh uses for a dock: our options and the fragment must have the same effect.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use dockerutils_dock::{Dock, Docks};
use dockerutils_ssh::remote_command;
use proptest::prelude::*;

use crate::strategies::docks;

/// Returns the settings that ssh would use, one for each line of `ssh -G`.
fn settings(arguments: &[String]) -> BTreeSet<String> {
    let output = Command::new("ssh").args(arguments).output().expect("ssh");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The host as it was written on the command line is not a setting.
    text.lines().filter(|line| !line.starts_with("host ")).map(str::to_owned).collect()
}

fn through_options(docks: &Docks, dock: &Dock) -> BTreeSet<String> {
    let command = docks.ssh(dock).arg("-G").arg("--").arg(dock.destination());
    let line = command.to_shell();
    let words = shlex::split(&line).expect("words");
    settings(&[&["-F".to_owned(), "/dev/null".to_owned()], &words[1..]].concat())
}

fn through_fragment(docks: &Docks, dock: &Dock, destination: &str) -> BTreeSet<String> {
    let fragment = docks.folder(dock).join("ssh_config");
    settings(&["-F", &fragment.to_string_lossy(), "-G", "--", destination].map(str::to_owned))
}

/// Returns the settings by the moniker and by `user@address`; the latter has a control socket besides.
fn both_ways(docks: &Docks, dock: &Dock) -> [BTreeSet<String>; 2] {
    [dock.moniker.to_string(), dock.destination()].map(|destination| {
        let mut settings = through_fragment(docks, dock, &destination);
        settings.remove(&format!("controlpath {}", docks.folder(dock).join("connection").display()));
        settings
    })
}

#[test]
fn every_value_of_a_record_becomes_a_setting() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("a 50% home");
    fs::create_dir(&home).unwrap();
    let docks = Docks::of_user(&home);
    let dock = Dock {
        moniker: "gpu".parse().unwrap(),
        user: "me".parse().unwrap(),
        port: "2222".parse().ok(),
        identity: "/keys/a key".parse().ok(),
        jump: "x@gate:23".parse().ok(),
        ..Dock::new("10.0.0.1".parse().unwrap())
    };
    docks.register(&dock).unwrap();
    let [settings, by_address] = both_ways(&docks, &dock);
    let known_hosts = docks.known_hosts(&dock);
    for line in [
        "hostname 10.0.0.1",
        "user me",
        "port 2222",
        "identityfile /keys/a key",
        "identitiesonly yes",
        "proxyjump x@gate:23",
        "stricthostkeychecking accept-new",
        "hostkeyalias 10.0.0.1",
        &format!("userknownhostsfile {}", known_hosts.display()),
    ] {
        assert!(settings.contains(line), "{line} is not in {settings:#?}");
    }
    assert_eq!(through_options(&docks, &dock), settings);
    assert_eq!(by_address, settings);
    // Another user of the same machine gets none of the settings.
    let other = through_fragment(&docks, &dock, "you@10.0.0.1");
    assert!(other.contains("port 22") && !other.contains("identityfile /keys/a key"), "{other:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn options_and_fragment_agree(dock in docks()) {
        let home = tempfile::tempdir().unwrap();
        let docks = Docks::of_user(home.path());
        docks.register(&dock).unwrap();
        let options = through_options(&docks, &dock);
        prop_assert_eq!(both_ways(&docks, &dock), [options.clone(), options]);
    }

    /// A POSIX shell splits the line into the same words.
    #[test]
    fn words_arrive_unsplit(words in prop::collection::vec("[^\\x00]{0,12}", 1..5)) {
        let line = remote_command(words.iter().map(String::as_str)).unwrap();
        let script = format!("set -- {line}\nfor word; do printf '%s\\0' \"$word\"; done");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        let expected: String = words.iter().map(|word| format!("{word}\0")).collect();
        prop_assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
}

#[test]
fn a_destination_is_never_an_option() {
    let docks = Docks::of_user(Path::new("/home/me"));
    let dock = Dock::new("fe80::1".parse().unwrap());
    assert_eq!(
        docks.ssh(&dock).arg("--").arg(dock.destination()).to_shell(),
        "ssh -o UserKnownHostsFile=/home/me/.docker/fe80::1/known_hosts -o StrictHostKeyChecking=accept-new \
         -o HostKeyAlias=fe80::1 -- ubuntu@fe80::1"
    );
    assert_eq!(dock.address.in_url(), "[fe80::1]");
    assert!(remote_command(["a\0b"]).is_err());
}
