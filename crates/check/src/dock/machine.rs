//! What a dock has, what is left there, and what it is about to do by itself.

use chrono::{DateTime, Utc};
use dockerutils_command::quote;
use dockerutils_dock::IdleState;

use crate::{Finding, MachineFacts, Place};

/// From this many on, processes of docker over ssh were left behind.
const MANY_DIALS: u64 = 10;

/// From this many on, connections of ssh were left behind.
const MANY_CONNECTIONS: u64 = 20;

pub(super) fn judge(machine: &MachineFacts, engine_socket: &str, place: &Place) -> Vec<Finding> {
    vec![
        docker_path(machine, place),
        group(machine, engine_socket, place),
        workspace(machine, place),
        program(machine, place, "dock.rsync", "rsync", Finding::problem, "sync-up and sync-down need it"),
        program(
            machine,
            place,
            "dock.zstd",
            "zstd",
            Finding::warning,
            "transfers are compressed with gzip without it",
        ),
        dials(machine, place),
        connections(machine, place),
        transfers(machine, place),
        reboot(machine, place),
        upgrades(machine, place),
    ]
}

fn docker_path(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "dock.docker-path";
    match (machine.get("docker"), machine.get("snap")) {
        (Some(path), _) => Finding::ok(id, format!("shells that are not interactive find {path}")),
        (None, Some(snap)) => {
            Finding::problem(id, "docker is a snap, and not on the PATH of shells that are not interactive")
                .fix(place.line(&format!("sudo ln -s {snap} /usr/local/bin/docker")))
        }
        (None, None) => Finding::problem(id, "docker is not on the PATH of shells that are not interactive")
            .fix(place.line("sudo apt-get install docker.io")),
    }
}

fn group(machine: &MachineFacts, engine_socket: &str, place: &Place) -> Finding {
    let (id, user) = ("dock.group", machine.user());
    // podman's socket counts if it is the one that is used: docker's own is used as long as there is one.
    let is_own = |socket: &str| {
        socket != "/var/run/docker.sock" && (!socket.ends_with("/podman.sock") || socket == engine_socket)
    };
    if machine.is_in_group("docker") || user == "root" || machine.all("socket").any(is_own) {
        return Finding::ok(id, format!("{user} may use docker"));
    }
    if machine.is_listed_for_docker() {
        let evidence =
            format!("{user} was added to the group docker, and an old connection does not know it");
        return Finding::warning(id, evidence)
            .fix("castoff in every terminal that is docked there, and source dock again");
    }
    let join = place.line(&format!("sudo usermod -aG docker {user}"));
    if machine.has("sudo") {
        return Finding::warning(id, format!("{user} may use docker with sudo only, which is slower"))
            .fix(join);
    }
    Finding::problem(id, format!("{user} may not use docker")).fix(join)
}

fn workspace(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "dock.workspace";
    let Some((mode, path)) = machine.get("workspace").and_then(|value| value.split_once(' ')) else {
        return Finding::ok(id, "not known");
    };
    if mode == "rw" {
        return Finding::ok(id, format!("{path} can be written to"));
    }
    let finding = Finding::problem(id, format!("{path} cannot be written to, so sync-up fails"));
    // A folder of another user is theirs until they agree.
    if machine.has("sudo") && mode == "no" {
        let words = ["sudo", "-n", "install", "-d", "-o", machine.user(), path];
        return finding.safe_fix(place.command(&words));
    }
    finding.fix(format!("as root on the dock: install -d -o {} {}", machine.user(), quote(path.as_ref())))
}

fn program(
    machine: &MachineFacts,
    place: &Place,
    id: &'static str,
    name: &str,
    severity: fn(&'static str, String) -> Finding,
    need: &str,
) -> Finding {
    match machine.get(name) {
        Some(version) => Finding::ok(id, version),
        None => severity(id, format!("{name} is not installed: {need}"))
            .fix(place.line(&format!("sudo apt-get install {name}"))),
    }
}

fn dials(machine: &MachineFacts, place: &Place) -> Finding {
    let count = machine.number("dial").unwrap_or_default();
    let evidence = format!("{count} processes of docker over ssh (docker system dial-stdio)");
    if count < MANY_DIALS {
        return Finding::ok("dock.dial-stdio", evidence);
    }
    Finding::warning("dock.dial-stdio", format!("{evidence}, more than commands that run"))
        .fix(place.line("pkill -f 'docker system dial-stdio'"))
}

fn connections(machine: &MachineFacts, place: &Place) -> Finding {
    let count = machine.number("connections").unwrap_or_default();
    let evidence = format!("{count} processes of sshd for {}", machine.user());
    if count < MANY_CONNECTIONS {
        return Finding::ok("dock.connections", evidence);
    }
    Finding::warning("dock.connections", format!("{evidence}: connections were left open"))
        .fix(place.line("who; ps -fu $USER"))
}

fn transfers(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "dock.transfers";
    let folders: Vec<&str> = machine.all("transfer").collect();
    if folders.is_empty() {
        return Finding::ok(id, "no transfer was left unfinished");
    }
    let evidence = format!("transfers that ended long ago have left {}", folders.join(", "));
    Finding::warning(id, evidence).fix(place.line(&format!("rm -r {}", folders.join(" "))))
}

fn reboot(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "dock.reboot";
    let Some(packages) = machine.get("reboot") else {
        return Finding::ok(id, "no restart is pending");
    };
    let packages = packages.trim_end_matches(['.', ' ']);
    let of = if packages.is_empty() { String::new() } else { format!(" for {packages}") };
    Finding::warning(id, format!("the machine waits for a restart{of}")).fix(place.line("sudo reboot"))
}

/// Judges upgrades that replace the driver of a GPU while it is in use.
fn upgrades(machine: &MachineFacts, place: &Place) -> Finding {
    let id = "dock.upgrades";
    if !machine.upgrades_itself() {
        return Finding::ok(id, "the machine does not upgrade itself");
    }
    let spares_driver =
        machine.all("apt").any(|line| line.contains("Package-Blacklist") && line.contains("nvidia"));
    if !machine.has("gpu") || spares_driver {
        return Finding::ok(id, "the machine upgrades itself, without the driver of a GPU");
    }
    let evidence =
        "unattended upgrades replace the driver of the GPU while it is in use, and it fails until a restart";
    let line = "printf '%s\\n' 'Unattended-Upgrade::Package-Blacklist { \"nvidia-\"; \"libnvidia-\"; };' | sudo tee /etc/apt/apt.conf.d/99dockerutils";
    Finding::warning(id, evidence).fix(place.line(line))
}

/// Judges the timer that stops a dock on EC2 when it is idle.
pub(super) fn idle_timer(machine: &MachineFacts, now: DateTime<Utc>, place: &Place) -> Finding {
    let id = "dock.idle-timer";
    if !machine.has("idle-timer") {
        return Finding::warning(
            id,
            "the dock has no idle timer, so it never stops by itself, and costs money",
        )
        .fix(format!("stop-dock {}", moniker(place)));
    }
    let restart = place.line("sudo systemctl restart dockerutils-idle.timer");
    match machine.get("idle").and_then(|text| IdleState::parse(text.as_bytes())) {
        None => Finding::warning(id, "the idle timer has not run yet, or writes nothing").fix(restart),
        Some(state) if !state.is_current(now) => Finding::warning(
            id,
            "the idle timer has not run for more than five minutes, so the dock does not stop",
        )
        .fix(restart),
        Some(state) => Finding::ok(id, format!("{state} (idle for {} min)", state.idle_minutes())),
    }
}

fn moniker(place: &Place) -> &str {
    match place {
        Place::Dock(moniker) => moniker,
        Place::Local | Place::Elsewhere(_) => "",
    }
}
