//! What a container has died of, as it is printed.

use chrono::{DateTime, Utc};
use dockerutils_command::{printable, quote};
use dockerutils_docker::{Cause, DeadContainer, EngineMachine, Evidence, signal_name};
use serde::Serialize;

use crate::Result;
use crate::ui::{self, Age};

/// The facts about a container's end and the causes that are known for them.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    container: String,
    image: String,
    reference: String,
    command: Vec<String>,
    started: Option<DateTime<Utc>>,
    finished: Option<DateTime<Utc>>,
    exit_code: i64,
    signal: Option<&'static str>,
    out_of_memory: bool,
    /// In bytes; 0 means without a limit.
    memory_limit: u64,
    engine_memory: u64,
    shm_size: u64,
    engine_error: String,
    image_architecture: Option<String>,
    engine_architecture: String,
    log: Vec<String>,
    /// Why docker cannot read the log.
    log_problem: Option<String>,
    causes: Vec<Cause>,
}

impl Report {
    pub(super) fn new(
        image: &str,
        container: &DeadContainer,
        machine: &EngineMachine,
        image_architecture: Option<String>,
        log: Vec<String>,
        log_problem: Option<String>,
    ) -> Self {
        let evidence = Evidence {
            image,
            exit_code: container.exit_code,
            is_oom_killed: container.is_oom_killed,
            engine_error: &container.error,
            log: &log,
            memory_limit: container.memory_limit,
            engine_memory: Some(machine.memory),
            shm_size: container.shm_size,
            image_architecture: image_architecture.as_deref(),
            engine_architecture: Some(&machine.architecture),
        };
        Report {
            causes: evidence.causes(),
            container: container.name.clone(),
            image: image.to_owned(),
            reference: container.image.clone(),
            command: container.command.clone(),
            started: container.started,
            finished: container.finished,
            exit_code: container.exit_code,
            signal: signal_name(container.exit_code),
            out_of_memory: container.is_oom_killed,
            memory_limit: container.memory_limit,
            engine_memory: machine.memory,
            shm_size: container.shm_size,
            engine_error: container.error.clone(),
            image_architecture,
            engine_architecture: machine.architecture.clone(),
            log,
            log_problem,
        }
    }

    /// Prints the facts, the log, and the causes with their remedies.
    pub(super) fn print(&self) -> Result {
        let facts = self.facts();
        let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        ui::print_line(printable(&format!("{} of {}", self.container, self.reference)))?;
        for (name, value) in &facts {
            ui::print_line(format_args!("  {name:width$}  {}", printable(value)))?;
        }
        for line in &self.log {
            ui::print_line(format_args!("  | {}", printable(line)))?;
        }
        if self.causes.is_empty() {
            ui::print_line(
                "cause: none that is known; the exit status is the program's own, and its log may name the reason",
            )?;
        }
        for cause in &self.causes {
            ui::print_line(format_args!("cause: {}", printable(&cause.what)))?;
            ui::print_line(format_args!("remedy: {}", printable(&cause.remedy)))?;
        }
        Ok(())
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let command: Vec<String> = self.command.iter().map(|word| quote(word.as_ref())).collect();
        let mut facts = vec![("command", command.join(" ")), ("ended", self.times())];
        let signal = self.signal.map(|signal| format!(" ({signal})")).unwrap_or_default();
        facts.push(("exit status", format!("{}{signal}", self.exit_code)));
        facts.push(("memory", self.memory()));
        if !self.engine_error.is_empty() {
            facts.push(("engine's error", self.engine_error.clone()));
        }
        let image = self.image_architecture.as_deref().unwrap_or("unknown, because it was removed");
        facts.push(("architecture", format!("image {image}, engine {}", self.engine_architecture)));
        facts.push(("log", self.log_length()));
        facts
    }

    fn times(&self) -> String {
        let ago = |time: DateTime<Utc>| Age::of_seconds((Utc::now() - time).num_seconds());
        match (self.started, self.finished) {
            (Some(started), Some(finished)) => {
                let ran = Age::of_seconds((finished - started).num_seconds());
                format!("{} ago, after {ran}", ago(finished))
            }
            _ => "it was never started".to_owned(),
        }
    }

    fn memory(&self) -> String {
        let killed =
            if self.out_of_memory { "a process was killed for lack of memory" } else { "sufficient" };
        let limit = match self.memory_limit {
            0 => "no limit".to_owned(),
            // As it is given to docker, in units of 1024.
            bytes => format!("limit {} MB", bytes >> 20),
        };
        format!("{killed} ({limit}, the engine's machine has {})", ui::Size(self.engine_memory))
    }

    fn log_length(&self) -> String {
        match (&self.log_problem, self.log.len()) {
            (Some(problem), _) => format!("cannot be read: {problem}"),
            (None, 0) => "it has printed nothing".to_owned(),
            (None, 1) => "its only line".to_owned(),
            (None, count) => format!("its last {count} lines"),
        }
    }
}
