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

/// Returns the settings of our own calls: through the dock's file, or through options if the file is missing.
fn through_options(docks: &Docks, dock: &Dock) -> BTreeSet<String> {
    let command = docks.ssh(dock).arg("-G").arg("--").arg(dock.destination());
    let line = command.to_shell();
    let words = shlex::split(&line).expect("words");
    if words[1] != "-F" {
        return settings(&[&["-F".to_owned(), "/dev/null".to_owned()], &words[1..]].concat());
    }
    // Without the user's configuration and that of the system, which differ from machine to machine.
    let text = fs::read_to_string(&words[2]).expect("the file");
    let (own, included) = text.split_once("Match all\n").expect("what it includes");
    assert!(included.lines().all(|line| line.starts_with("Include ")), "{included}");
    let file = docks.folder(dock).join("own");
    fs::write(&file, own).expect("a file");
    settings(&[&["-F".to_owned(), file.display().to_string()], &words[3..]].concat())
}

fn through_fragment(docks: &Docks, dock: &Dock, destination: &str) -> BTreeSet<String> {
    let fragments = docks.folder(dock).with_file_name("dockerutils.ssh_config");
    settings(&["-F", &fragments.to_string_lossy(), "-G", "--", destination].map(str::to_owned))
}

/// Removes the settings that only our own calls need, and only the user's own connections have.
fn common(mut settings: BTreeSet<String>, docks: &Docks, dock: &Dock) -> BTreeSet<String> {
    let own = [
        "serveralive",
        "exitonforwardfailure",
        "streamlocal",
        "controlpersist",
        "controlmaster",
        "clearallforwardings",
        "stdinnull",
        "forkafterauthentication",
        "sessiontype",
        "ignoreunknown",
    ];
    settings.retain(|line| !own.iter().any(|name| line.starts_with(name)));
    settings.remove(&format!("controlpath {}", docks.folder(dock).join("connection").display()));
    settings.remove("controlpath none");
    settings
}

/// Returns the settings by the moniker and by `user@address`; the latter has a control socket besides.
fn both_ways(docks: &Docks, dock: &Dock) -> [BTreeSet<String>; 2] {
    [dock.moniker.to_string(), dock.destination()]
        .map(|destination| common(through_fragment(docks, dock, &destination), docks, dock))
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
        "connecttimeout 15",
        "requesttty auto",
        "permitlocalcommand no",
        &format!("userknownhostsfile {}", known_hosts.display()),
    ] {
        assert!(settings.contains(line), "{line} is not in {settings:#?}");
    }
    assert_eq!(common(through_options(&docks, &dock), &docks, &dock), settings);
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
        let options = common(through_options(&docks, &dock), &docks, &dock);
        let [by_moniker, by_address] = both_ways(&docks, &dock);
        if docks.names_in_ssh_config(&dock) {
            prop_assert_eq!(&by_moniker, &options);
        }
        prop_assert_eq!(by_address, options);
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
    let line = docks.ssh(&dock).arg("--").arg(dock.destination()).to_shell();
    assert!(line.ends_with(" -- ubuntu@fe80::1"), "{line}");
    assert_eq!(dock.address.in_url(), "[fe80::1]");
    assert!(remote_command(["a\0b"]).is_err());
}

#[test]
fn a_call_names_one_file_in_which_the_options_are() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    let dock = Dock { port: "2222".parse().ok(), ..Dock::new("10.0.0.1".parse().unwrap()) };
    docks.register(&dock).unwrap();
    let file = docks.folder(&dock).join("ssh");
    assert_eq!(docks.ssh(&dock).to_shell(), format!("ssh -F {}", file.display()));
    let settings = through_options(&docks, &dock);
    for line in [
        "port 2222",
        "connecttimeout 15",
        "serveraliveinterval 5",
        "clearallforwardings yes",
        "controlmaster false",
    ] {
        assert!(settings.contains(line), "{line} is not in {settings:#?}");
    }
    // A file that does not correspond to the record is not used, and is written again.
    fs::write(&file, "Host *\n  ProxyCommand evil\n").unwrap();
    assert!(docks.ssh(&dock).to_shell().starts_with("ssh -o "));
    docks.refresh_ssh_files(&dock);
    assert_eq!(docks.ssh(&dock).to_shell(), format!("ssh -F {}", file.display()));
}

/// ssh hands the path to the ssh of a jump host without quotes.
#[test]
fn in_a_home_with_blanks_the_options_stand_on_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("a home");
    fs::create_dir(&home).unwrap();
    let docks = Docks::of_user(&home);
    let dock = Dock::new("10.0.0.1".parse().unwrap());
    docks.register(&dock).unwrap();
    assert!(docks.ssh(&dock).to_shell().starts_with("ssh -o "));
}

#[test]
fn a_host_key_that_cannot_be_stored_is_not_accepted() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    let dock = Dock::new("10.0.0.1".parse().unwrap());
    docks.register(&dock).unwrap();
    let known_hosts = docks.known_hosts(&dock);
    let checking = || {
        docks.refresh_ssh_files(&dock);
        let settings = through_options(&docks, &dock);
        settings.into_iter().find(|line| line.starts_with("stricthostkeychecking ")).unwrap()
    };
    assert_eq!(checking(), "stricthostkeychecking accept-new");
    fs::create_dir(&known_hosts).unwrap();
    assert_eq!(checking(), "stricthostkeychecking true");
    fs::remove_dir(&known_hosts).unwrap();
    std::os::unix::fs::symlink("/nonexistent/known_hosts", &known_hosts).unwrap();
    assert_eq!(checking(), "stricthostkeychecking true");
}

#[test]
fn a_moniker_that_is_another_hosts_name_is_left_out() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    fs::create_dir(home.path().join(".ssh")).unwrap();
    fs::write(home.path().join(".ssh/config"), "Include conf.d/*\n").unwrap();
    fs::create_dir(home.path().join(".ssh/conf.d")).unwrap();
    fs::write(home.path().join(".ssh/conf.d/lab"), "Host lab\n  HostName 192.0.2.7\n").unwrap();
    for (number, moniker) in ["github.com", "localhost", "lab", "gpu"].iter().enumerate() {
        let address = format!("10.0.0.{number}").parse().unwrap();
        docks.register(&Dock { moniker: moniker.parse().unwrap(), ..Dock::new(address) }).unwrap();
    }
    docks.register(&Dock::new("build.lan".parse().unwrap())).unwrap();
    let text = fs::read_to_string(home.path().join(".docker/dockerutils.ssh_config")).unwrap();
    let hosts: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Host ")).collect();
    assert_eq!(hosts, ["build.lan", "gpu"]);
    assert_eq!(text.matches("Match originalhost ").count(), 5);
}

#[test]
fn the_file_of_all_docks_corresponds_to_the_records() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    let dock = Dock { moniker: "gpu".parse().unwrap(), ..Dock::new("10.0.0.1".parse().unwrap()) };
    docks.register(&dock).unwrap();
    let file = home.path().join(".docker/dockerutils.ssh_config");
    let record = docks.folder(&dock).join("connection_config.txt");
    let edited = fs::read_to_string(&record).unwrap() + "DOCK_PORT=2222\n";
    fs::write(&record, edited).unwrap();
    docks.refresh_ssh_config().unwrap();
    assert!(fs::read_to_string(&file).unwrap().contains("\n  Port 2222\n"));
    docks.unregister("gpu").unwrap();
    assert!(!file.exists());
}
