//! The version record against real git, real python3 and the real versioneer.
#![allow(clippy::disallowed_types, reason = "tests start git and python3 directly")]

mod answer;
mod differential;
mod failures;
mod module;
mod oracle;
mod python;
mod repository;
mod settings;
