//! A docked terminal: the connection, the project's copy there, the ports here.

use std::io::ErrorKind;

use dockerutils_command::{Command, Runner};
use dockerutils_dock::session::{self, Forward, Session, ssh_through_master};
use dockerutils_dock::{Dock, Docks, ssh};
use dockerutils_docker::{Container, PublishedPorts, RedirectedMount, Workspace};
use dockerutils_project::Project;

use super::{docks, sync_up, workspace_path};
use crate::commands::build_image::builder_choice;
use crate::docker_calls::{exec_docker, run_docker_last};
use crate::{Error, Result, ui};

/// From this size on, what a build sends is told.
const LARGE_CONTEXT: u64 = 100 * 1000 * 1000;

/// The dock that this terminal is docked to, for a project.
pub(crate) struct Docked<'a> {
    docks: Docks,
    dock: Dock,
    project: &'a Project,
}

/// What is done around a container on a dock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    /// The project is sent there first, if a mount needs it.
    pub sync: bool,
    /// Its ports are opened here.
    pub forward: bool,
}

impl<'a> Docked<'a> {
    /// The dock of this terminal; none where it is not docked, or to an engine that is no dock of ours.
    ///
    /// # Errors
    /// Its record is broken.
    pub(crate) fn of(project: &'a Project) -> Result<Option<Self>> {
        if !project.is_docked() {
            return Ok(None);
        }
        let docks = docks()?;
        match docks.current() {
            Ok(dock) => Ok(dock.map(|dock| Docked { docks, dock, project })),
            Err(dockerutils_dock::Error::Unknown { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The project's copy there.
    ///
    /// # Errors
    /// The project has no name that a path may hold.
    pub(crate) fn workspace(&self) -> Result<Workspace> {
        Ok(Workspace { root: self.project.root().to_path_buf(), remote: workspace_path(self.project)? })
    }

    /// Opens the connection again if it was lost.
    ///
    /// # Errors
    /// The dock cannot be reached.
    pub(crate) fn ensure(&self, runner: &Runner) -> Result {
        Ok(session::ensure(&self.docks, &self.dock, runner)?)
    }

    /// Tells what a build sends there, if that is much.
    ///
    /// # Errors
    /// The ignore file is refused, or something cannot be read.
    pub(crate) fn tell_context(&self) -> Result {
        let context = dockerutils_sync::measure_context(self.project.root())?;
        if context.bytes <= LARGE_CONTEXT {
            return Ok(());
        }
        let largest =
            context.largest.iter().map(|(path, size)| format!("{} ({})", path.display(), megabytes(*size)));
        ui::note(format_args!(
            "the context that goes to {} has {} in {} files; .dockerignore leaves out what is not needed; the largest: {}",
            self.dock.moniker,
            megabytes(context.bytes),
            context.files,
            largest.collect::<Vec<_>>().join(", ")
        ));
        Ok(())
    }

    /// Whether docker is to be told to take BuildKit for what takes two builds; says so.
    ///
    /// # Errors
    /// We were told to stop.
    pub(crate) fn takes_buildkit(&self, runner: &Runner) -> Result<bool> {
        let is_wanted = builder_choice::is_buildkit_wanted(runner)?;
        if is_wanted {
            ui::note(format_args!(
                "DOCKER_BUILDKIT=1 for an image with a stage `builder`: its two builds send the context to {} once, and \
                 docker's legacy builder would send it twice (DOCKER_BUILDKIT=0 keeps that one)",
                self.dock.moniker
            ));
        }
        Ok(is_wanted)
    }

    /// Runs a container there: the project is sent, the ports are opened here for as long as docker runs; those of a
    /// detached one stay for as long as the connection.
    ///
    /// # Errors
    /// The dock cannot be reached, or docker's own failure.
    pub(crate) fn run(&self, container: &Container, around: Around, runner: &Runner) -> Result {
        self.ensure(runner)?;
        self.place_mounts(container, around, runner)?;
        let forwards = if around.forward { self.forward(&container.ports, runner)? } else { Vec::new() };
        if forwards.is_empty() {
            return exec_docker(runner, &container.command);
        }
        let ended = run_docker_last(runner, &container.command);
        if ended.is_ok() && container.is_detached {
            return ended;
        }
        let session = Session::of(&self.docks, &self.dock);
        // One that has not heard of the signal that may have ended docker.
        let cleaner = Runner::new(runner.is_dry_run());
        for forward in &forwards {
            // A connection that is gone has taken its forwards along.
            let _ = cleaner.run_stdout_to_stderr(&forward.close(&session));
        }
        ended
    }

    fn place_mounts(&self, container: &Container, around: Around, runner: &Runner) -> Result {
        if let [RedirectedMount { local: here, remote: there }, more @ ..] = container.redirected.as_slice() {
            let more =
                if more.is_empty() { String::new() } else { format!(", and {} more likewise", more.len()) };
            ui::note(format_args!("on {} the mount of {here} is that of {there}{more}", self.dock.moniker));
            if around.sync {
                sync_up(&self.docks, &self.dock, self.project, runner)?;
            }
        }
        for path in self.missing(&container.mounts, runner)? {
            let reason = match container.redirected.iter().any(|mount| mount.remote == path) {
                true if around.sync => ": does `.dockerignore` leave it out?",
                true => ": was it never sent, or does `.dockerignore` leave it out?",
                false => "",
            };
            ui::warn(format_args!(
                "{} has no {path}, so that mount is an empty folder there{reason}",
                self.dock.moniker
            ));
        }
        Ok(())
    }

    /// Those of the paths that the dock does not have.
    fn missing(&self, paths: &[String], runner: &Runner) -> Result<Vec<String>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let script = "for path; do [ -e \"$path\" ] || printf '%s\\0' \"$path\"; done";
        let words = ["sh", "-c", script, "sh"].into_iter().chain(paths.iter().map(String::as_str));
        let answer = runner
            .capture(&self.ssh().arg("--").arg(self.dock.destination()).arg(ssh::remote_command(words)?))?;
        let missing = answer.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(missing.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }

    fn ssh(&self) -> Command {
        ssh_through_master(&Session::of(&self.docks, &self.dock), &self.docks, &self.dock)
    }

    /// Opens ports of the dock here; one that cannot be opened is told, and no reason to stop.
    fn forward(&self, ports: &PublishedPorts, runner: &Runner) -> Result<Vec<Forward>> {
        if !ports.others.is_empty() {
            ui::note(format_args!(
                "not opened here: {} (only TCP ports that are given a number on {} are, as in -p 8080:80)",
                ports.others.join(", "),
                self.dock.moniker
            ));
        }
        let session = Session::of(&self.docks, &self.dock);
        let mut forwards = Vec::new();
        for port in &ports.numbered {
            let forward = Forward::to(port.address.as_deref(), port.port).map_err(Error::NoPort)?;
            match runner.run_stdout_to_stderr(&forward.open(&session)) {
                Ok(()) => self.tell_forward(&forward),
                Err(dockerutils_command::Error::Failed { .. }) => {
                    ui::note(format_args!(
                        "port {} of {} could not be opened here",
                        port.port, self.dock.moniker
                    ));
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            forwards.push(forward);
        }
        Ok(forwards)
    }

    fn tell_forward(&self, Forward { local, port, instead, .. }: &Forward) {
        let reason = match instead {
            None => "",
            Some(ErrorKind::PermissionDenied) => ", since only root may open that port here",
            Some(_) => ", since that port is taken here",
        };
        ui::note(format_args!("port {port} of {} is localhost:{local}{reason}", self.dock.moniker));
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1000 * 1000))
}
