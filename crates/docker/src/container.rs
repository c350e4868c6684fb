//! A container that is ready to be run, and what is known about it.

use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::Workspace;

use crate::mounts::RedirectedMount;
use crate::ports::{PortMapping, PortRange, PublishedPorts};

/// An image that only a build of the project makes.
#[derive(Debug)]
pub struct LocalImage {
    /// The reference of the image.
    pub reference: Reference,
    /// The command that builds it.
    pub build: Command,
}

/// A container that is ready to be run.
#[derive(Debug)]
pub struct Container {
    /// The `docker run` command.
    pub command: Command,
    /// The mounts that have been redirected to the copy of the project.
    pub redirected: Vec<RedirectedMount>,
    /// The host sides of all mounts, as docker gets them.
    pub mounts: Vec<String>,
    /// The ports that the container publishes.
    pub ports: PublishedPorts,
    /// The TCP ports among them that are published one by one, as written.
    pub mappings: Vec<PortMapping>,
    /// The TCP ports among them that are published together.
    pub ranges: Vec<PortRange>,
    /// The container's name, with which docker finds it.
    pub name: String,
    /// Whether the container continues to run after docker has exited.
    pub is_detached: bool,
    /// Whether docker is waited for, because its caller has something to do afterwards.
    pub is_awaited: bool,
    /// The image, if docker must not pull it.
    pub local_image: Option<LocalImage>,
}

impl Container {
    /// Returns whether a mount leads to the copy of the project, or to a part of it.
    pub fn mounts_workspace(&self, workspace: &Workspace) -> bool {
        self.mounts.iter().any(|mount| workspace.contains(mount))
    }
}
