//! Compares version records with real git, real python3 and the real versioneer.
#![allow(clippy::disallowed_types, reason = "tests start git and python3 directly")]

mod agreement;
mod differential;
mod failures;
mod installed;
mod module;
mod oracle;
mod process;
mod python;
mod repositories;
mod repository;
mod settings;
