//! Running a container on a dock: the project is sent first, and the container's ports are opened on this machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_command::Runner;
use dockerutils_docker::Container;
use dockerutils_project::Project;
use dockerutils_ssh::{ControlSocket, Forward};

use super::DockedEngine;
use crate::Result;
use crate::docker_calls::{check_image, exec_container, run_container_last};

/// The preparations for a container on a dock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DockedRunOptions {
    /// Send the project first, if a mount needs it.
    pub(crate) sync: bool,
    /// Open the container's ports on this machine.
    pub(crate) forward: bool,
}

impl DockedEngine {
    /// Runs a container. Its ports are open on this machine while docker runs; those of a detached container stay open
    /// as long as the connection.
    ///
    /// # Errors
    /// Fails if the dock cannot be reached, or if docker fails.
    pub(crate) fn run(
        &self,
        container: &Container,
        project: &Project,
        options: DockedRunOptions,
        runner: &Runner,
    ) -> Result {
        let control = self.ensure_session(runner)?;
        check_image(runner, container)?;
        self.prepare_mounts(container, project, control.as_ref(), options.sync, runner)?;
        if let Some(control) = &control
            && options.forward
        {
            return self.run_with_ports(container, control, runner);
        }
        if options.forward {
            self.report_unopened_ports(&container.ports);
        }
        exec_container(runner, container)
    }

    fn run_with_ports(&self, container: &Container, control: &ControlSocket, runner: &Runner) -> Result {
        let mut forwards = self.open_ports(&container.ports, control, runner)?;
        let waits_for_ports = !container.ports.chosen.is_empty() && !runner.is_dry_run();
        // Nothing is left to do afterwards, so the process becomes docker: signals and exit status are docker's own.
        if forwards.is_empty() && !waits_for_ports {
            return exec_container(runner, container);
        }
        let ended = if waits_for_ports && !container.is_detached {
            let (ended, chosen) = self.run_and_open_chosen_ports(container, control, runner);
            forwards.extend(chosen);
            ended
        } else {
            run_container_last(runner, container)
        };
        // The container continues without us, and its ports have to stay open.
        if ended.is_ok() && container.is_detached {
            if waits_for_ports {
                forwards.extend(self.open_ports_of_detached(container, control, runner)?);
            }
            return self.keep_ports(&container.name, if runner.is_dry_run() { &[] } else { &forwards });
        }
        // The other runner refuses to run anything after a signal, which may have ended docker.
        let cleaner = runner.uninterrupted();
        for forward in &forwards {
            // A connection that was lost has closed its forwards.
            let _ = cleaner.run_stdout_to_stderr(&forward.close(control));
        }
        ended
    }

    /// Runs docker, and meanwhile opens the ports that it chooses.
    fn run_and_open_chosen_ports(
        &self,
        container: &Container,
        control: &ControlSocket,
        runner: &Runner,
    ) -> (Result, Vec<Forward>) {
        let has_ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let opening = scope.spawn(|| self.open_chosen_ports(container, control, &has_ended, runner));
            let ended = run_container_last(runner, container);
            has_ended.store(true, Ordering::Relaxed);
            (ended, opening.join().unwrap_or_default())
        })
    }
}
