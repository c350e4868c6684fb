//! Docker's command lines, one verb a file: conventions and configuration become a
//! [`Command`](dockerutils_command::Command).
//!
//! This crate starts no program: it returns the commands and parses what they print. [`engine`] finds out why an engine
//! cannot be reached, [`buildkit`] whether docker would use the legacy builder although it has BuildKit.

mod build_flags;
mod build_order;
mod build_plan;
mod build_record;
mod build_state;
mod cleaning;
mod client;
mod client_config;
mod container;
mod container_listing;
mod container_name;
mod containers;
mod debug_shell;
mod disk_usage;
mod docker_command;
mod docker_variables;
mod environment;
mod error;
mod exec;
mod flag_check;
mod flag_values;
mod flag_words;
mod flags;
mod folder_time;
mod folders;
mod gpu;
mod image_build;
mod image_listing;
mod image_lookup;
mod inspect;
mod listed_ports;
mod login;
mod logs;
mod mount_settings;
mod mounts;
mod ports;
mod postmortem;
mod project_containers;
mod pull;
mod push;
mod push_failure;
mod relative_paths;
mod remove;
mod run;
mod run_defaults;
mod run_options;
mod script;
mod script_files;
mod setting;
mod stop;
mod tag;

pub mod buildkit;
pub mod engine;

pub use build_plan::{BuildPlan, BuildPlanner};
pub use build_record::{BuildRecord, EarlierBuilds};
pub use build_state::{BuildState, BuildStates};
pub use cleaning::{CleanRules, OwnedImage, SelectedImage, select_images};
pub use client::{find_docker, is_podman, is_snap};
pub use client_config::{ClientConfig, InvalidClientConfig, MissingHelper};
pub use container::{Container, LocalImage};
pub use container_listing::{ContainerState, ListedContainer, list_all_containers};
pub use containers::{InspectedContainer, inspect_containers, is_no_such_container, list_containers};
pub use debug_shell::{DebugShell, probe_shell};
pub use disk_usage::{DiskUsage, StoredImage, inspect_disk_usage};
pub use error::Error;
pub use exec::{ExecOptions, exec};
pub use flag_check::{FlagFault, check_build_flags, check_run_flags};
pub use gpu::Gpus;
pub use image_build::{BuildCommand, ImageBuild, UntaggedBase};
pub use image_listing::{ListedImage, ListedImages, list_images};
pub use image_lookup::{ImageLookup, look_up_image};
pub use inspect::{InspectedImage, inspect, inspect_ids, is_no_such_image, parse_inspected};
pub use login::login;
pub use logs::follow_logs;
pub use mounts::{RedirectedMount, bind_mount, bind_mount_readonly};
pub use ports::{
    ChosenPort, PortMapping, PortRange, PublishedPort, PublishedPorts, parse_ports, port_command,
};
pub use postmortem::{
    Cause, DeadContainer, EngineMachine, Evidence, LOG_LINES, copy_container, inspect_engine_machine,
    inspect_for_postmortem, inspect_image_architecture, merge_log, run_copy, signal_name, tail_log,
};
pub use project_containers::{ContainerRules, ProjectContainer, inspect_references};
pub use pull::pull;
pub use push::{push, pushed_digest};
pub use push_failure::PushFailure;
pub use remove::{
    existing_images, is_gone_already, list_labelled_images, prune_build_cache, remove, remove_images,
    remove_images_by_force,
};
pub use run::run;
pub use run_options::RunOptions;
pub use script::Script;
pub use stop::{remove_containers, remove_with_volumes, stop};
pub use tag::tag;
