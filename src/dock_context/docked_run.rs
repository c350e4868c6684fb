//! Running a container on a dock: the project is sent first, and the container's ports are opened on this machine.

use dockerutils_command::Runner;
use dockerutils_docker::Container;
use dockerutils_project::Project;
use dockerutils_ssh::ControlSocket;

use super::DockedEngine;
use crate::Result;
use crate::docker_calls::{exec_docker, run_docker_last};

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
        self.prepare_mounts(container, project, control.as_ref(), options.sync, runner)?;
        if let Some(control) = &control
            && options.forward
        {
            return self.run_with_ports(container, control, runner);
        }
        if options.forward {
            self.report_unopened_ports(&container.ports);
        }
        exec_docker(runner, &container.command)
    }

    fn run_with_ports(&self, container: &Container, control: &ControlSocket, runner: &Runner) -> Result {
        let forwards = self.open_ports(&container.ports, control, runner)?;
        // Nothing is left to do afterwards, so the process becomes docker: signals and exit status are docker's own.
        if forwards.is_empty() {
            return exec_docker(runner, &container.command);
        }
        let ended = run_docker_last(runner, &container.command);
        // The container continues without us, and its ports have to stay open.
        if ended.is_ok() && container.is_detached {
            return ended;
        }
        // The other runner refuses to run anything after a signal, which may have ended docker.
        let cleaner = runner.uninterrupted();
        for forward in &forwards {
            // A connection that was lost has closed its forwards.
            let _ = cleaner.run_stdout_to_stderr(&forward.close(control));
        }
        ended
    }
}
