//! The engine: whether it can be reached, and whether it will go on working.

mod reach;
mod settings;
mod space;

use chrono::{DateTime, Utc};
use dockerutils_docker::engine::EngineUnreachable;

use crate::docker_output::{Info, Usage, Versions};
use crate::{Finding, MachineFacts, Place};

/// What is known about an engine.
#[derive(Debug, Default)]
pub struct EngineFacts {
    /// What `docker info` prints; `None` if it did not end in time, or is not valid.
    pub info: Option<Info>,
    /// What `docker version` prints.
    pub versions: Option<Versions>,
    /// What `docker system df` prints; `None` if it did not end in time.
    pub usage: Option<Vec<Usage>>,
    /// What docker wrote to standard error.
    pub stderr: String,
    /// Why its local socket cannot be used.
    pub unreachable: Option<EngineUnreachable>,
    /// What is wrong with it and the remedy, in one sentence, if that was found out otherwise.
    pub fault: Option<String>,
    /// The time of this machine when `docker info` started and ended.
    pub queried: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl EngineFacts {
    /// Judges the engine, which runs on this machine or on a dock.
    pub fn judge(&self, machine: &MachineFacts, place: &Place) -> Vec<Finding> {
        let Some(info) = self.info.as_ref().filter(|info| info.is_reached()) else {
            let mut findings = vec![reach::unreachable(self, machine, place)];
            findings.extend(reach::versions(self));
            return findings;
        };
        let mut findings = vec![reach::reached(info)];
        findings.extend(reach::versions(self));
        findings.push(settings::storage(info, place));
        findings.extend(space::space(machine, info, place));
        findings.push(space::reclaimable(self.usage.as_deref(), machine, place));
        findings.push(settings::memory(info));
        findings.push(settings::cgroups(info));
        findings.extend(settings::clock(info, self.queried, place));
        findings.push(settings::live_restore(info, machine, place));
        findings.push(settings::log_rotation(info, machine, place));
        findings
    }
}

#[cfg(test)]
mod tests;
