//! What a container died of: the evidence that docker has, and the causes that are known for it, each with a remedy.

mod container;
mod engine_machine;
mod exit_status;
mod failures;
mod log;

pub use self::container::{DeadContainer, copy_container, inspect_for_postmortem, run_copy};
pub use self::engine_machine::{EngineMachine, inspect_engine_machine, inspect_image_architecture};
pub use self::exit_status::signal_name;
pub use self::log::{LOG_LINES, merge_log, tail_log};

use self::exit_status::exit_status_cause;
use self::failures::{LACK_OF_SHM, known_failures};

/// The size of /dev/shm unless a flag sets another one.
const DEFAULT_SHM: u64 = 64 << 20;

/// What is known about the end of a container and its engine.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'a> {
    /// The image's name in the project, for the remedies.
    pub image: &'a str,
    /// The exit status of the container.
    pub exit_code: i64,
    /// Whether the kernel has killed a process of it for lack of memory.
    pub is_oom_killed: bool,
    /// The error that the engine keeps; empty if there is none.
    pub engine_error: &'a str,
    /// The last lines that the container has printed.
    pub log: &'a [String],
    /// The memory that the container may use, in bytes; 0 means without a limit.
    pub memory_limit: u64,
    /// The memory of the engine's machine in bytes.
    pub engine_memory: Option<u64>,
    /// The size of /dev/shm in bytes.
    pub shm_size: u64,
    /// The architecture of the image, such as `arm64`.
    pub image_architecture: Option<&'a str>,
    /// The architecture of the engine's machine, in the same words.
    pub engine_architecture: Option<&'a str>,
}

/// A known cause.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Cause {
    /// A short name that does not change.
    pub id: &'static str,
    /// What has happened.
    pub what: String,
    /// What the user can do.
    pub remedy: String,
}

impl Cause {
    fn new(id: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Cause { id, what: what.into(), remedy: remedy.into() }
    }
}

impl Evidence<'_> {
    /// Returns the known causes, the most specific first. That of the exit status is left out if there is another one.
    pub fn causes(&self) -> Vec<Cause> {
        let text = self.text();
        let mut causes: Vec<Cause> =
            [self.foreign_architecture(&text), self.lack_of_memory(), self.lack_of_shm(&text)]
                .into_iter()
                .flatten()
                .collect();
        let mut known = known_failures(&text, self.image);
        // A full /dev/shm is not a full disk, and a foreign architecture is the better reason.
        known.retain(|cause| {
            causes.iter().all(|other| other.id != cause.id && (other.id, cause.id) != ("shm", "no-space"))
        });
        causes.extend(known);
        if causes.is_empty() {
            causes.extend(exit_status_cause(self.exit_code, self.image));
        }
        causes
    }

    /// Returns the engine's error and the log in lower case.
    fn text(&self) -> String {
        let lines = self.log.iter().map(String::as_str);
        [self.engine_error].into_iter().chain(lines).collect::<Vec<_>>().join("\n").to_lowercase()
    }

    /// The engine runs a program of another architecture if the machine emulates it, so another
    /// architecture alone is not a cause.
    fn foreign_architecture(&self, text: &str) -> Option<Cause> {
        let (image, engine) = (self.image_architecture?, self.engine_architecture?);
        (image != engine && text.contains("exec format error")).then(|| {
            Cause::new(
                "exec-format",
                format!("the image is for {image}, and the engine's machine is {engine}"),
                format!(
                    "build it for that machine: `build-image {} -- --platform linux/{engine}`, or install the emulation of \
                     {image} there (qemu-user-static)",
                    self.image
                ),
            )
        })
    }

    fn lack_of_memory(&self) -> Option<Cause> {
        let gigabytes = |bytes: u64| format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10);
        let total = self.engine_memory;
        let machine = total.map(|bytes| format!(" ({})", gigabytes(bytes))).unwrap_or_default();
        let is_limited = self.memory_limit > 0 && total.is_none_or(|total| self.memory_limit < total);
        self.is_oom_killed.then(|| match is_limited {
            true => Cause::new(
                "out-of-memory",
                format!("the kernel killed it at its limit of memory, {}", megabytes(self.memory_limit)),
                "raise the limit, as in `args=--memory 4g`, or use less memory",
            ),
            false => Cause::new(
                "out-of-memory",
                format!("the kernel killed it, because the engine's machine{machine} had no memory left"),
                "give the machine more memory (Docker Desktop: Settings, Resources), or let the program use less",
            ),
        })
    }

    fn lack_of_shm(&self, text: &str) -> Option<Cause> {
        let is_bus_error = self.exit_code == 135 || text.contains("bus error");
        let is_named = LACK_OF_SHM.iter().any(|words| text.contains(words));
        ((is_bus_error && self.shm_size == DEFAULT_SHM) || is_named).then(|| {
            Cause::new(
                "shm",
                format!("/dev/shm, which has {}, is full", megabytes(self.shm_size)),
                "give the container more shared memory: `args=--shm-size 2g`",
            )
        })
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes >> 20)
}

#[cfg(test)]
mod tests;
