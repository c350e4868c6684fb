//! One binary for all tests of the commands: one module a concern.

mod argv;
mod bad_input;
mod care;
mod check_dock;
mod clean;
mod contributing;
mod debug;
mod dependencies;
mod docks;
mod echo;
mod examples;
mod genversion;
mod help;
mod msrv;
mod nb_dock;
mod notebook;
#[cfg(feature = "ecr")]
mod publish;
mod readme;
mod real;
mod release_build;
mod secrets;
mod signals;
mod stdout;
mod transfer;
