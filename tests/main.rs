//! One binary for all tests of the commands: one module a concern.

mod argv;
mod bad_input;
mod contributing;
mod dependencies;
mod docks;
#[cfg(feature = "ec2")]
mod ec2;
mod echo;
mod examples;
mod genversion;
mod help;
#[cfg(feature = "ec2")]
mod life;
mod msrv;
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
