//! docs/docks.md names every state, every key of a record and every field of the JSON; docs/ec2.md every key of dock.cfg.

use std::fs;
use std::path::Path;

use dockerutils_dock::{DOCK_CFG_KEYS, DockFault};
use dockerutils_ssh::SshFault;
use dockerutils_testkit::Project;
use serde_json::Value;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/docks.md")).expect("docs/docks.md")
}

#[test]
fn every_state_is_described() {
    let states = [
        DockFault::Ssh(SshFault::UnknownHost),
        DockFault::Ssh(SshFault::NoResponse),
        DockFault::Ssh(SshFault::Refused),
        DockFault::Ssh(SshFault::Closed),
        DockFault::Ssh(SshFault::HostKeyChanged),
        DockFault::Ssh(SshFault::JumpHostKey),
        DockFault::Ssh(SshFault::KeyRefused),
        DockFault::HostKeyNotStored,
        DockFault::NoDocker,
        DockFault::NotInDockerGroup,
        DockFault::EngineDown,
        DockFault::Other(String::new()),
    ];
    for state in states {
        assert!(page().contains(&format!("\n| `{}` | ", state.name())), "{}", state.name());
    }
}

#[test]
fn every_key_of_a_record_is_documented() {
    let page = page();
    let keys: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `DOCK_")?.split('`').next()).collect();
    assert_eq!(keys.len(), 13);
    for key in keys {
        let project = Project::new();
        let folder = project.home().join(".docker/box");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("connection_config.txt"), format!("DOCK_{key}=*\n")).unwrap();
        project
            .command("ls-dock")
            .arg("--no-probe")
            .run()
            .status(1)
            .stderr_has(&format!(":1: DOCK_{key}: `*` is not a valid "));
    }
}

#[test]
fn every_field_of_the_json_is_documented() {
    let project = Project::new();
    project.command("register-dock").args(["192.0.2.1", "--no-check"]).run().status(0);
    let listed = project.command("ls-dock").args(["--json", "--no-probe"]).run().stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    for field in listed[0].as_object().unwrap().keys() {
        assert!(page().contains(&format!("`{field}`")), "{field}");
    }
}

#[test]
fn every_key_of_dock_cfg_is_documented() {
    let page = include_str!("../../docs/ec2.md");
    let (_, defaults) = page.split_once("## Defaults: dock.cfg\n").unwrap();
    let (section, _) = defaults.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), DOCK_CFG_KEYS);
}
