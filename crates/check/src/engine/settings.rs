//! How the engine is set up: storage, memory, control groups, clock, restarts and logs.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::docker_output::Info;
use crate::{Bytes, Finding, MachineFacts, Place};

/// The memory of the virtual machine of a desktop by default is half of this.
const DESKTOP_MEMORY: u64 = 3_900_000_000;

/// The least memory of any engine.
const MEMORY: u64 = 1_900_000_000;

/// From this difference on, files from the engine's machine seem newer or older than they are.
const SKEW: TimeDelta = TimeDelta::seconds(5);

/// From this difference on, signed requests and certificates are refused.
const REFUSED_SKEW: TimeDelta = TimeDelta::minutes(5);

pub(super) fn storage(info: &Info, place: &Place) -> Finding {
    let id = "engine.storage";
    let is_containerd = info.driver_status("driver-type").is_some_and(|kind| kind.contains("containerd"));
    let store = if is_containerd { "containerd's image store" } else { "the classic image store" };
    let evidence = format!("{} in {store}", info.driver);
    let edit = |line: &str| edit_config(line, place);
    match info.driver.as_str() {
        "vfs" => Finding::problem(id, format!("{evidence}: every layer is a whole copy of the one below it"))
            .fix(edit(r#""storage-driver": "overlay2""#)),
        "aufs" | "devicemapper" | "overlay" => {
            Finding::warning(id, format!("{evidence}: docker has given this driver up"))
                .fix(edit(r#""storage-driver": "overlay2""#))
        }
        _ if info.driver_status("Supports d_type") == Some("false") => Finding::problem(
            id,
            format!("{evidence}, on a file system without d_type: files cannot be removed"),
        )
        .fix("format the disk of the engine's data with ftype=1"),
        _ => Finding::ok(id, evidence),
    }
}

pub(super) fn memory(info: &Info) -> Finding {
    let id = "engine.memory";
    let evidence = format!("the engine's machine has {}", Bytes(info.mem_total));
    let limit = if info.is_desktop() { DESKTOP_MEMORY } else { MEMORY };
    match info.mem_total {
        0 => Finding::ok(id, "not known"),
        memory if memory >= limit => Finding::ok(id, evidence),
        _ if info.is_desktop() => {
            Finding::warning(id, format!("{evidence}, of which builds and containers die"))
                .fix("give the virtual machine more memory: Settings, Resources, Memory")
        }
        _ => Finding::warning(id, format!("{evidence}, too little for most builds"))
            .fix("use a larger machine"),
    }
}

pub(super) fn cgroups(info: &Info) -> Finding {
    let id = "engine.cgroups";
    let version = if info.cgroup_version.is_empty() { "1" } else { &info.cgroup_version };
    let evidence = format!("control groups of version {version}, with the driver {}", info.cgroup_driver);
    if info.memory_limit || info.is_desktop() {
        return Finding::ok(id, evidence);
    }
    Finding::warning(id, format!("{evidence}, which cannot limit the memory of a container"))
        .fix("add cgroup_enable=memory to the kernel's command line and restart the machine")
}

/// Compares the clocks. The engine has read its own at some time while we waited.
pub(super) fn clock(
    info: &Info,
    queried: Option<(DateTime<Utc>, DateTime<Utc>)>,
    place: &Place,
) -> Option<Finding> {
    let id = "engine.clock";
    let (begin, end) = queried?;
    let time = DateTime::parse_from_rfc3339(&info.system_time).ok()?.to_utc();
    let skew = if time < begin { begin - time } else { (time - end).max(TimeDelta::zero()) };
    let evidence = format!("the engine's clock differs from this machine's by {} s", skew.num_seconds());
    let finding = match skew {
        skew if skew >= REFUSED_SKEW => Finding::problem(id, evidence),
        skew if skew >= SKEW => Finding::warning(id, evidence),
        _ => return Some(Finding::ok(id, "the engine's clock agrees with this machine's")),
    };
    let fix = if info.is_desktop() {
        "restart Docker Desktop".to_owned()
    } else {
        place.line("sudo timedatectl set-ntp true")
    };
    Some(finding.fix(fix))
}

/// Judges what a restart of the engine does to containers. It matters if the machine restarts the engine by itself.
pub(super) fn live_restore(info: &Info, machine: &MachineFacts, place: &Place) -> Finding {
    let id = "engine.live-restore";
    if info.live_restore_enabled {
        return Finding::ok(id, "containers go on when the engine is restarted");
    }
    let evidence = "containers end when the engine is restarted";
    if !machine.upgrades_itself() {
        return Finding::ok(id, evidence);
    }
    Finding::warning(id, format!("{evidence}, as unattended upgrades do"))
        .fix(edit_config(r#""live-restore": true"#, place))
}

/// Judges whether logs of containers can fill the disk, which docker's default lets them.
pub(super) fn log_rotation(info: &Info, machine: &MachineFacts, place: &Place) -> Finding {
    let id = "engine.log-rotation";
    let driver = &info.logging_driver;
    if driver != "json-file" || info.is_desktop() {
        return Finding::ok(id, format!("logs of containers are kept by the driver {driver}"));
    }
    if !machine.is_of_engine() {
        return Finding::ok(id, "not known: the engine's configuration cannot be read from here");
    }
    let has_limit = machine.all("daemon-json").any(|text| {
        let config: Value = serde_json::from_str(text).unwrap_or_default();
        !config["log-opts"]["max-size"].is_null()
    });
    if has_limit {
        return Finding::ok(id, "logs of containers are kept by the driver json-file, with a limit");
    }
    // A configuration that exists has other settings, too.
    let fix = if info.is_rootless() {
        let edit = "${EDITOR:-vi} ~/.config/docker/daemon.json && systemctl --user restart docker";
        format!(r#"{}   # "log-driver": "local""#, place.line(edit))
    } else if machine.has("daemon-json") {
        edit_config(r#""log-driver": "local""#, place)
    } else {
        // With -C the shell refuses to overwrite a file that this user cannot see.
        let config = r#"echo '{"log-driver": "local"}' | sudo sh -C -c 'cat >/etc/docker/daemon.json'"#;
        place.line(&format!("{config} && sudo systemctl restart docker"))
    };
    Finding::warning(id, "logs of containers grow without a limit (driver json-file without max-size)")
        .fix(fix)
}

/// Returns the line that adds a setting to the engine's configuration.
fn edit_config(setting: &str, place: &Place) -> String {
    format!("{}   # {setting}", place.line("sudoedit /etc/docker/daemon.json"))
}
