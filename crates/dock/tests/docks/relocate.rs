//! An instance that gets another address keeps its dock.

use std::fs;
use std::os::unix::fs::symlink;

use dockerutils_dock::{Address, Dock, Docks, Error, InstanceId};

use crate::{Home, dock, instance_dock};

const OLD: &str = "10.80.0.2";
const NEW: &str = "10.80.0.3";

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

fn read(docks: &Docks, dock: &Dock, file: &str) -> String {
    fs::read_to_string(docks.folder(dock).join(file)).unwrap()
}

/// Registers the dock `gpu` of the instance i-0a at the old address, with a host key and the state of a sync.
fn gpu(home: &Home) -> Dock {
    let gpu = instance_dock(OLD, "gpu", "i-0a");
    home.docks.register(&gpu).unwrap();
    fs::write(home.docks.known_hosts(&gpu), "i-0a ssh-ed25519 AAAA\n").unwrap();
    fs::create_dir(home.docks.sync_folder(&gpu)).unwrap();
    fs::write(home.docks.sync_folder(&gpu).join("proj.json"), "state").unwrap();
    gpu
}

#[test]
fn all_files_of_a_dock_move_to_the_new_address() {
    let home = Home::new();
    let docks = &home.docks;
    let old = gpu(&home);
    symlink("/run/session/ssh", docks.folder(&old).join("connection")).unwrap();
    let moved = docks.relocate(&id("i-0a"), &address(NEW)).unwrap();
    assert_eq!(moved, instance_dock(NEW, "gpu", "i-0a"));
    assert_eq!(docks.all().unwrap(), vec![moved.clone()]);
    assert!(!docks.folder(&old).exists());
    assert_eq!(
        read(docks, &moved, "connection_config.txt"),
        "DOCK_USER=ubuntu\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=10.80.0.3\nDOCK_IP=10.80.0.3\nDOCK_INSTANCE_ID=i-0a\n"
    );
    assert_eq!(read(docks, &moved, "known_hosts"), "i-0a ssh-ed25519 AAAA\n");
    assert_eq!(read(docks, &moved, "sync/proj.json"), "state");
    assert!(docks.folder(&moved).join("connection").symlink_metadata().is_err());
    let config = fs::read_to_string(home.path().join(".docker/dockerutils.ssh_config")).unwrap();
    for text in [read(docks, &moved, "ssh"), read(docks, &moved, "ssh-probe"), config] {
        assert!(text.contains("HostKeyAlias i-0a\n") && text.contains("/10.80.0.3/known_hosts\n"), "{text}");
        assert!(!text.contains(OLD), "{text}");
    }
}

#[test]
fn a_move_that_was_interrupted_is_finished() {
    let home = Home::new();
    let docks = &home.docks;
    let old = gpu(&home);
    // A crash after the rename: the record and the files for ssh still contain the old address.
    fs::rename(docks.folder(&old), home.path().join(".docker").join(NEW)).unwrap();
    let moved = docks.find("gpu").unwrap();
    assert_eq!(moved, instance_dock(NEW, "gpu", "i-0a"));
    docks.refresh_ssh_files(&moved);
    docks.refresh_ssh_config().unwrap();
    assert!(!read(docks, &moved, "ssh").contains(OLD));
    let config = fs::read_to_string(home.path().join(".docker/dockerutils.ssh_config")).unwrap();
    assert!(!config.contains(OLD), "{config}");
    assert_eq!(docks.relocate(&id("i-0a"), &address(NEW)).unwrap(), moved);
    assert!(!read(docks, &moved, "connection_config.txt").contains(OLD));
}

#[test]
fn a_dock_whose_address_another_instance_got_has_none() {
    let home = Home::new();
    let docks = &home.docks;
    gpu(&home);
    let cpu = instance_dock(NEW, "cpu", "i-0b");
    docks.register(&cpu).unwrap();
    fs::write(docks.known_hosts(&cpu), "i-0b ssh-ed25519 BBBB\n").unwrap();
    docks.relocate(&id("i-0a"), &address(NEW)).unwrap();
    assert_eq!(docks.find(NEW).unwrap().moniker.as_str(), "gpu");
    let parked = docks.find("cpu").unwrap();
    assert_eq!(parked, instance_dock("i-0b", "cpu", "i-0b"));
    assert!(!parked.has_address());
    assert_eq!(read(docks, &parked, "known_hosts"), "i-0b ssh-ed25519 BBBB\n");
    // It gets an address when it is started: here the one that the other dock had.
    assert_eq!(docks.relocate(&id("i-0b"), &address(OLD)).unwrap(), instance_dock(OLD, "cpu", "i-0b"));
    assert_eq!(docks.all().unwrap().len(), 2);
}

#[test]
fn a_new_instance_takes_no_record_of_another_dock_at_its_address() {
    let home = Home::new();
    let docks = &home.docks;
    let old = gpu(&home);
    fs::write(docks.folder(&old).join("instance.json"), "{}").unwrap();
    // EC2 gives the address of a stopped instance to a new one.
    let cpu = instance_dock(OLD, "cpu", "i-0b");
    docks.register_instance(&cpu).unwrap();
    docks.register_instance(&cpu).unwrap();
    let parked = docks.find("gpu").unwrap();
    assert_eq!((docks.find("cpu").unwrap(), &parked), (cpu, &instance_dock("i-0a", "gpu", "i-0a")));
    assert_eq!(read(docks, &parked, "known_hosts"), "i-0a ssh-ed25519 AAAA\n");
    assert_eq!(read(docks, &parked, "instance.json"), "{}");

    // It was stopped, and has no address.
    docks.register_instance(&instance_dock("i-0b", "cpu", "i-0b")).unwrap();
    assert_eq!((docks.find("cpu").unwrap().has_address(), docks.all().unwrap().len()), (false, 2));

    let lab = dock(NEW, "lab");
    docks.register(&lab).unwrap();
    let error = docks.register_instance(&instance_dock(NEW, "new", "i-0c")).unwrap_err();
    assert!(matches!(error, Error::AddressInUse { .. }), "{error}");
    assert_eq!(docks.at(&address(NEW)).unwrap(), Some(lab));
}

#[test]
fn a_dock_that_is_not_an_instance_keeps_its_address() {
    let home = Home::new();
    let docks = &home.docks;
    let old = gpu(&home);
    docks.register(&dock(NEW, "lab")).unwrap();
    let error = docks.relocate(&id("i-0a"), &address(NEW)).unwrap_err();
    assert!(matches!(error, Error::AddressInUse { .. }));
    assert_eq!(
        error.to_string(),
        "`10.80.0.3` is registered as the dock lab: `unregister-dock 10.80.0.3` first"
    );
    assert_eq!(docks.all().unwrap(), [old, dock(NEW, "lab")]);
}

#[test]
fn a_folder_of_the_new_address_is_replaced_unless_it_contains_files_of_the_users() {
    let home = Home::new();
    let docks = &home.docks;
    let old = gpu(&home);
    let folder = home.path().join(".docker").join(NEW);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("known_hosts"), "10.80.0.3 ssh-ed25519 CCCC\n").unwrap();
    fs::write(folder.join("ca.pem"), "mine").unwrap();
    let error = docks.relocate(&id("i-0a"), &address(NEW)).unwrap_err().to_string();
    assert!(error.contains("/.docker/10.80.0.3 cannot be replaced by the folder of a dock: "), "{error}");
    assert_eq!(docks.all().unwrap(), [old]);
    fs::remove_file(folder.join("ca.pem")).unwrap();
    let moved = docks.relocate(&id("i-0a"), &address(NEW)).unwrap();
    assert_eq!(read(docks, &moved, "known_hosts"), "i-0a ssh-ed25519 AAAA\n");
}

#[test]
fn a_dock_without_a_moniker_is_named_by_its_new_address() {
    let home = Home::new();
    let docks = &home.docks;
    docks.register(&instance_dock(OLD, OLD, "i-0a")).unwrap();
    fs::rename(home.path().join(".docker").join(OLD), home.path().join(".docker").join(NEW)).unwrap();
    assert_eq!(docks.all().unwrap(), [instance_dock(NEW, NEW, "i-0a")]);
    assert_eq!(docks.relocate(&id("i-0a"), &address("h")).unwrap(), instance_dock("h", "h", "i-0a"));
}

#[test]
fn an_unknown_instance_is_an_error() {
    let home = Home::new();
    gpu(&home);
    let error = home.docks.relocate(&id("i-0c"), &address(NEW)).unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
}
