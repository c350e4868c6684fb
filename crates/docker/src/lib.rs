//! Docker's command lines, one verb a file: conventions and configuration become a
//! [`Command`](dockerutils_command::Command).
//!
//! This crate starts no program: it returns the commands and parses what they print. [`engine`] finds out why an engine
//! cannot be reached, [`buildkit`] whether docker would use the legacy builder although it has BuildKit.

mod build_flags;
mod build_order;
mod build_plan;
mod client;
mod client_config;
mod containers;
mod docker_command;
mod docker_variables;
mod environment;
mod error;
mod flag_check;
mod flag_values;
mod flag_words;
mod flags;
mod folders;
mod gpu;
mod image_build;
mod image_lookup;
mod inspect;
mod login;
mod logs;
mod mount_settings;
mod mounts;
mod ports;
mod pull;
mod push;
mod push_failure;
mod relative_paths;
mod remove;
mod run;
mod script;
mod setting;
mod stop;
mod tag;

pub mod buildkit;
pub mod engine;

pub use build_plan::{BuildPlan, BuildPlanner};
pub use client_config::{ClientConfig, MissingHelper};
pub use containers::{RunningContainer, inspect_containers, list_containers};
pub use error::Error;
pub use flag_check::{FlagFault, check_run_flags};
pub use gpu::Gpus;
pub use image_build::{BuildCommand, ImageBuild, UntaggedBase};
pub use image_lookup::{ImageLookup, look_up_image};
pub use inspect::{InspectedImage, inspect, is_no_such_image, parse_inspected};
pub use login::login;
pub use logs::follow_logs;
pub use mounts::RedirectedMount;
pub use ports::{ChosenPort, PortMapping, PublishedPort, PublishedPorts, parse_ports, port_command};
pub use pull::pull;
pub use push::{push, pushed_digest};
pub use push_failure::PushFailure;
pub use remove::{existing_images, list_images, remove};
pub use run::{Container, LocalImage, RunOptions, run};
pub use script::Script;
pub use stop::stop;
pub use tag::tag;
