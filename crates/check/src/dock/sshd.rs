//! What sshd on a dock permits.

use super::SocketForwarding;
use crate::{Finding, MachineFacts, Place};

/// sshd's default for both limits. Below it, commands side by side are refused.
const DEFAULT: u64 = 10;

const MAX_STARTUPS: &str = "MaxStartups";

/// Judges MaxStartups and MaxSessions, as far as sshd's settings can be read.
pub(super) fn limits(machine: &MachineFacts, place: &Place) -> Vec<Finding> {
    let limit = |id, name: &str, meaning: &str| {
        let Some(value) = setting(machine, name) else {
            return Finding::ok(
                id,
                format!("{name} is sshd's default ({DEFAULT}), or is known to root alone"),
            );
        };
        // `10:30:100` refuses some from the first number on.
        let number = value.split(':').next().and_then(|first| first.parse::<u64>().ok());
        let evidence = format!("{name} {value}: {meaning}");
        if number.is_none_or(|number| number >= DEFAULT) {
            return Finding::ok(id, evidence);
        }
        Finding::warning(id, evidence).fix(set(name, "100", place))
    };
    vec![
        limit("dock.max-startups", MAX_STARTUPS, "connections that are being opened"),
        limit("dock.max-sessions", "MaxSessions", "commands at a time over one connection"),
    ]
}

/// Judges whether docker's socket is forwarded.
pub(super) fn sockets(machine: &MachineFacts, socket: &SocketForwarding, place: &Place) -> Finding {
    let id = "dock.socket-forwarding";
    let is_forbidden = setting(machine, "AllowStreamLocalForwarding")
        .is_some_and(|value| matches!(value.to_lowercase().as_str(), "no" | "remote"));
    match socket {
        SocketForwarding::Forwarded => Finding::ok(id, "docker's socket is forwarded"),
        SocketForwarding::Unknown if !is_forbidden => Finding::ok(id, "sockets may be forwarded"),
        _ => {
            let evidence = "sshd forwards no sockets, so docker runs an ssh for each call";
            Finding::warning(id, evidence).fix(set("AllowStreamLocalForwarding", "yes", place))
        }
    }
}

/// Judges whether ports of containers can be opened on this machine.
pub(super) fn ports(are_forwarded: bool, place: &Place) -> Finding {
    let id = "dock.port-forwarding";
    if are_forwarded {
        return Finding::ok(id, "ports of containers can be opened on this machine");
    }
    Finding::warning(id, "sshd forwards no ports, so ports of containers cannot be opened on this machine")
        .fix(set("AllowTcpForwarding", "yes", place))
}

/// Returns the line that changes a setting. Each has a file of its own, so that no fix undoes another one, and its name sorts
/// before those of others, because the first value counts; see sshd_config(5). Of MaxStartups, OpenSSH 9.2 and others take
/// the last value.
fn set(name: &str, value: &str, place: &Place) -> String {
    let file =
        |order: &str| format!("/etc/ssh/sshd_config.d/{order}-dockerutils-{}.conf", name.to_lowercase());
    let files = if name == MAX_STARTUPS { file("00") + " " + &file("99") } else { file("00") };
    place.line(&format!("echo '{name} {value}' | sudo tee {files} && sudo systemctl reload ssh"))
}

/// Returns the value of a setting; the first counts, as for sshd.
fn setting<'a>(machine: &'a MachineFacts, name: &str) -> Option<&'a str> {
    let settings = machine.all("sshd").filter_map(|line| line.split_once([' ', '=']));
    settings.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
