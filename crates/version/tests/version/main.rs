//! The version record against real git, real python3 and the real versioneer.
#![allow(clippy::disallowed_types, reason = "tests start git and python3 directly")]
#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

mod answer;
mod differential;
mod failures;
mod module;
mod oracle;
mod python;
mod repository;
mod settings;
