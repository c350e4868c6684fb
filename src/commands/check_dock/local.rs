//! The checks of this machine and the engine that docker uses here.

use std::thread;

use dockerutils_check::{
    ClientFacts, EngineFacts, Finding, ForeignFiles, Place, SessionFacts, judge_gpus, judge_owners,
    judge_sessions,
};
use dockerutils_command::Runner;
use dockerutils_dock::session::Session;
use dockerutils_dock::{Dock, Docks};
use dockerutils_docker::engine;
use dockerutils_project::Project;

use super::{machine, owners, queries};
use crate::Result;

/// Checks docker, its engine and the GPUs.
///
/// # Errors
/// Fails if a signal interrupted us.
pub(super) fn check(project: Option<&Project>, runner: &Runner) -> Result<Vec<Finding>> {
    let client = ClientFacts::gather();
    let shell = machine::local_shell(machine::script(None, project)?);
    let (facts, outputs, foreign) = thread::scope(|scope| {
        let outputs = scope.spawn(|| runner.run_parallel(&[shell], machine::TIMEOUT));
        let foreign = scope.spawn(|| project.map(owners::local));
        let facts = queries::engine_facts(None, runner);
        (facts, outputs.join(), foreign.join())
    });
    let machine = machine::facts(&outputs.ok().transpose()?.unwrap_or_default()).unwrap_or_default();
    let facts = EngineFacts { unreachable: engine::diagnose(), ..facts? };
    let info = facts.info.as_ref();
    let place = Place::of_engine(&client.endpoint, info, &machine);
    let is_here = place == Place::Local;
    let machine = if is_here { machine } else { machine.without_engine() };
    let mut findings = client.judge(info, facts.versions.as_ref());
    if client.is_podman {
        findings.push(Finding::ok("engine.reachable", "docker is podman here, which needs no engine"));
    } else if client.docker.is_some() {
        findings.extend(client.judge_socket(info, &machine));
        findings.extend(facts.judge(&machine, &place));
    }
    findings.extend(judge_gpus(info, &machine, project.and_then(gpu_mode), &place));
    findings.extend(local_sessions());
    // A container of another machine cannot reach the files here.
    let image_here = |found: ForeignFiles| ForeignFiles { image: found.image.filter(|_| is_here), ..found };
    let foreign = foreign.ok().flatten().map(image_here);
    findings.extend(foreign.map(|foreign| judge_owners(&foreign, &Place::Local)));
    Ok(findings)
}

/// Returns the configured `gpu_mode`; an error in it is that of the project.
pub(super) fn gpu_mode(project: &Project) -> Option<dockerutils_config::GpuMode> {
    project.config().gpu_mode().ok()
}

/// Judges the sessions of all docks; `None` if there is no dock.
fn local_sessions() -> Option<Finding> {
    let docks = Docks::of_current_user().ok()?;
    let listed = docks.all().ok().filter(|listed| !listed.is_empty())?;
    Some(judge_sessions(&sessions(&docks, &listed)))
}

/// Returns the sessions of docks that exist on this machine.
pub(super) fn sessions(docks: &Docks, listed: &[Dock]) -> Vec<SessionFacts> {
    let facts = |dock: &Dock| {
        let session = Session::find(docks, dock).ok().flatten()?;
        Some(SessionFacts {
            moniker: dock.moniker.to_string(),
            folder: session.folder().to_owned(),
            is_connected: session.is_connected(),
            holders: session.pids().map_or(0, |pids| pids.len()),
        })
    };
    listed.iter().filter_map(facts).collect()
}
