//! The folders of ~/.docker: finding, changing and removing docks, also by several writers at a time.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::thread;

use dockerutils_dock::{Changes, Dock, Error};

use crate::{Home, dock};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("a file").mode() & 0o7777
}

#[test]
fn without_a_folder_there_are_no_docks() {
    let home = Home::new();
    assert!(home.docks.all().unwrap().is_empty());
    let error = home.docks.find("gpu").unwrap_err().to_string();
    assert_eq!(error, "there is no dock `gpu`: `register-dock ADDRESS MONIKER` registers one");
    assert!(!home.path().join(".docker").exists());
}

#[test]
fn a_dock_is_found_by_moniker_and_by_address() {
    let home = Home::new();
    let (gpu, cpu) = (dock("10.0.0.1", "gpu-box"), dock("10.0.0.2", "cpu-box"));
    home.docks.register(&gpu).unwrap();
    home.docks.register(&cpu).unwrap();
    // docker itself keeps files there.
    fs::create_dir_all(home.path().join(".docker/contexts/meta")).unwrap();
    fs::write(home.path().join(".docker/config.json"), "{}").unwrap();
    assert_eq!(home.docks.all().unwrap(), [cpu.clone(), gpu.clone()]);
    assert_eq!(home.docks.find("gpu-box").unwrap(), gpu);
    assert_eq!(home.docks.find("10.0.0.2").unwrap(), cpu);
    let error = home.docks.find("gpubox").unwrap_err().to_string();
    assert_eq!(error, "there is no dock `gpubox`, did you mean `gpu-box`? (ls-dock lists them)");
    let error = home.docks.find("\u{1b}[2J").unwrap_err().to_string();
    assert_eq!(error, "there is no dock `\\x1b[2J` (ls-dock lists them)");
}

#[test]
fn only_the_owner_can_read_a_dock() {
    let home = Home::new();
    home.record("10.0.0.1", "DOCK_USER=a\n");
    let folder = home.path().join(".docker/10.0.0.1");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    home.docks.register(&dock("10.0.0.1", "gpu")).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(folder.join("connection_config.txt")), 0o600);
    assert_eq!(mode(folder.join("ssh")), 0o600);
    assert_eq!(mode(home.path().join(".docker/dockerutils.ssh_config")), 0o600);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_moniker_belongs_to_one_dock() {
    let home = Home::new();
    home.docks.register(&dock("10.0.0.1", "gpu")).unwrap();
    for name in ["gpu", "10.0.0.1"] {
        let error = home.docks.register(&dock("10.0.0.2", name)).unwrap_err();
        assert!(
            matches!(&error, Error::Taken { taken_by, .. } if taken_by.as_str() == "10.0.0.1"),
            "{error}"
        );
        assert!(!home.path().join(".docker/10.0.0.2").exists());
    }
    home.docks.register(&dock("10.0.0.1", "gpu2")).unwrap();
    home.docks.register(&dock("10.0.0.2", "gpu")).unwrap();
}

#[test]
fn a_moniker_of_several_docks_is_ambiguous() {
    let home = Home::new();
    home.record("10.0.0.1", "DOCK_MONIKER=gpu\n");
    home.record("10.0.0.2", "DOCK_MONIKER=gpu\n");
    let error = home.docks.find("gpu").unwrap_err().to_string();
    assert_eq!(error, "several docks are called `gpu`: use an address instead, 10.0.0.1, 10.0.0.2");
    assert_eq!(home.docks.find("10.0.0.2").unwrap(), dock("10.0.0.2", "gpu"));
}

#[test]
fn a_broken_record_does_not_affect_other_docks() {
    let home = Home::new();
    home.docks.register(&dock("10.0.0.1", "gpu")).unwrap();
    home.record("10.0.0.2", "DOCK_USER=-x\n");
    home.record("no address", "DOCK_USER=a\n");
    assert_eq!(home.docks.find("gpu").unwrap(), dock("10.0.0.1", "gpu"));
    assert_eq!(home.docks.list().unwrap().broken.len(), 2);
    assert!(matches!(home.docks.find("cpu"), Err(Error::Unknown { .. })));
    // It is reported if its address or its moniker is used.
    home.record("10.0.0.3", b"DOCK_USER=\xff\nDOCK_MONIKER='cpu'\n");
    for (name, folder) in [("10.0.0.2", "/10.0.0.2/"), ("cpu", "/10.0.0.3/")] {
        let error = home.docks.find(name).unwrap_err().to_string();
        assert!(error.contains(folder), "{name}: {error}");
    }
    home.docks.unregister("10.0.0.3").unwrap();
    assert_eq!(home.docks.unregister("10.0.0.2").unwrap().as_str(), "10.0.0.2");
    assert!(!home.path().join(".docker/10.0.0.2").exists());
}

#[test]
fn unregistering_keeps_files_that_are_not_ours() {
    let home = Home::new();
    let gpu = dock("10.0.0.1", "gpu");
    home.docks.register(&gpu).unwrap();
    home.docks.register(&dock("10.0.0.2", "cpu")).unwrap();
    let folder = home.docks.folder(&gpu);
    fs::write(folder.join("known_hosts"), "x").unwrap();
    fs::write(folder.join("ca.pem"), "mine").unwrap();
    fs::create_dir_all(home.docks.sync_folder(&gpu).join("proj.version")).unwrap();
    home.docks.unregister("gpu").unwrap();
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ca.pem"]);
    home.docks.unregister("10.0.0.2").unwrap();
    assert!(!home.path().join(".docker/10.0.0.2").exists());
    for name in ["gpu", "..", "../..", "/", ""] {
        assert!(home.docks.unregister(name).is_err());
    }
    assert!(folder.join("ca.pem").exists() && home.path().join(".docker").exists());
}

#[test]
fn a_moniker_that_many_register_at_once_goes_to_one() {
    let home = Home::new();
    let registered = thread::scope(|scope| {
        let claims: Vec<_> = (1..=16)
            .map(|number| {
                let docks = &home.docks;
                scope.spawn(move || docks.register(&dock(&format!("10.0.0.{number}"), "gpu")).is_ok())
            })
            .collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).filter(|registered| *registered).count()
    });
    assert_eq!(registered, 1);
    assert_eq!(home.docks.all().unwrap().len(), 1);
}

#[test]
fn changes_at_once_are_all_kept() {
    let home = Home::new();
    let address = "10.0.0.1".parse().unwrap();
    let changes = [
        Changes { moniker: "gpu".parse().ok(), ..Changes::default() },
        Changes { user: "me".parse().ok(), ..Changes::default() },
        Changes { port: "2222".parse().expect("a change"), ..Changes::default() },
        Changes { identity: "~/key".parse().expect("a change"), ..Changes::default() },
        Changes { jump: "gate".parse().expect("a change"), ..Changes::default() },
    ];
    thread::scope(|scope| {
        for change in &changes {
            scope.spawn(|| home.docks.update(&address, |known| change.apply(&address, known)).unwrap());
        }
    });
    let [moniker, user, ..] = changes;
    let expected = Dock {
        moniker: moniker.moniker.unwrap(),
        user: user.user.unwrap(),
        port: "2222".parse().ok(),
        identity: "~/key".parse().ok(),
        jump: "gate".parse().ok(),
        ..Dock::new(address.clone())
    };
    assert_eq!(home.docks.at(&address).unwrap(), Some(expected));
}

#[test]
fn a_thousand_docks_are_read() {
    let home = Home::new();
    for number in 0..1000 {
        let address = format!("10.0.{}.{}", number / 250, number % 250);
        home.record(&address, format!("DOCK_USER=u\nDOCK_MONIKER=dock-{number}\nDOCK_IP={address}\n"));
    }
    assert_eq!(home.docks.all().unwrap().len(), 1000);
    assert_eq!(home.docks.find("dock-999").unwrap().address.as_str(), "10.0.3.249");
}

#[test]
fn a_tentative_dock_leaves_nothing_unless_it_is_registered() {
    let home = Home::new();
    let gpu = dock("10.0.0.1", "gpu");
    let tentative = home.docks.prepare_tentative(&gpu).unwrap();
    fs::write(home.docks.known_hosts(&gpu), "key").unwrap();
    assert!(home.docks.has_known_host_key(&gpu));
    drop(tentative);
    assert!(!home.docks.folder(&gpu).exists());
    let tentative = home.docks.prepare_tentative(&gpu).unwrap();
    fs::write(home.docks.known_hosts(&gpu), "key").unwrap();
    home.docks.register(&gpu).unwrap();
    drop(tentative);
    assert!(home.docks.has_known_host_key(&gpu));
}
