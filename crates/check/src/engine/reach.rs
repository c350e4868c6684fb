//! Whether the engine can be reached, and whether docker's command line and the engine understand each other.

use dockerutils_docker::engine::EngineUnreachable;

use super::EngineFacts;
use crate::docker_output::Info;
use crate::{Finding, MachineFacts, Place};

const ID: &str = "engine.reachable";

/// Parts of docker's messages about API versions, in lower case.
const API_MESSAGES: [&str; 3] = ["is too old", "is too new", "maximum supported api version"];

pub(super) fn reached(info: &Info) -> Finding {
    let Info { server_version, name, os_type, architecture, .. } = info;
    Finding::ok(ID, format!("Docker {server_version} on {name}, {os_type}/{architecture}"))
}

pub(super) fn unreachable(facts: &EngineFacts, machine: &MachineFacts, place: &Place) -> Finding {
    if let Some(sentence) = &facts.fault {
        return Finding::problem_of_sentence(ID, sentence);
    }
    match &facts.unreachable {
        Some(EngineUnreachable::PermissionDenied(socket)) => {
            let evidence = format!("{} may not use {}", machine.user(), socket.display());
            Finding::problem(ID, evidence).fix(join_group(machine, place))
        }
        Some(EngineUnreachable::NotRunning(socket)) => {
            let evidence = format!("no engine listens on {}", socket.display());
            Finding::problem(ID, evidence).fix(start(&socket.to_string_lossy(), machine, place))
        }
        None => Finding::problem(ID, reason(facts)).fix(place.docker_line("docker info")),
    }
}

/// Returns what docker reports; a timeout if it reports nothing.
fn reason(facts: &EngineFacts) -> String {
    let of_info = facts.info.as_ref().and_then(|info| info.server_errors.first());
    let line = facts.stderr.lines().map(str::trim).rfind(|line| !line.is_empty());
    match of_info.map(String::as_str).or(line) {
        Some(reason) => format!("the engine cannot be reached: {reason}"),
        None => "the engine has not responded in time".to_owned(),
    }
}

fn join_group(machine: &MachineFacts, place: &Place) -> String {
    match (machine.is_listed_for_docker(), machine.has("docker-group")) {
        (true, _) => {
            "newgrp docker   # or log in again: you joined the group after your last login".to_owned()
        }
        (_, true) => place.line(&format!("sudo usermod -aG docker {}", machine.user())),
        _ => place.line(&format!(
            "sudo groupadd docker; sudo usermod -aG docker {}; sudo systemctl restart docker",
            machine.user()
        )),
    }
}

/// Returns how the engine is started, or another one is used.
fn start(socket: &str, machine: &MachineFacts, place: &Place) -> String {
    let mut others = machine.all("socket").filter(|other| *other != socket);
    match (others.next(), machine.has("snap")) {
        (Some(other), _) if *place == Place::Local => format!("export DOCKER_HOST=unix://{other}"),
        (_, true) => place.line("sudo snap start docker"),
        _ => place.line("sudo systemctl start docker"),
    }
}

/// Compares the versions of the API. docker negotiates, so only ranges that do not meet are a problem.
pub(super) fn versions(facts: &EngineFacts) -> Option<Finding> {
    let id = "engine.api";
    let refusal = facts.stderr.lines().find(|line| {
        let line = line.to_lowercase();
        API_MESSAGES.iter().any(|message| line.contains(message))
    });
    if let Some(refusal) = refusal {
        let fix = "unset DOCKER_API_VERSION   # or install a docker of the engine's age";
        return Some(Finding::problem(id, refusal.trim()).fix(fix));
    }
    let versions = facts.versions.as_ref()?;
    let server = versions.server.as_ref()?;
    let (own, used) = (&versions.client.default_api, &versions.client.api);
    Some(Finding::ok(
        id,
        format!("{used} is used; docker knows {own}, the engine {} to {}", server.min_api, server.api),
    ))
}
