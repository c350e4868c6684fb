//! Showing the progress and the warnings of a transfer to the user.

use std::sync::{Mutex, PoisonError};

use dockerutils_command::{Command, Runner};
use dockerutils_transfer::remote::{self, Host};
use dockerutils_transfer::{Observer, Report, Warning, Workload};

use super::hosts::docker_load;
use super::report::arrival;
use crate::ui::{self, ByteProgress, Size, Waiting};

/// Prints what a transfer does on standard error.
pub(super) struct TransferObserver<'a> {
    /// The `docker save` of the images, for the echo.
    save: Command,
    runner: &'a Runner,
    /// Whether the user has chosen the platform; then a host of another one is not warned of.
    is_platform_chosen: bool,
    /// The wait for the hosts, until one of them responds.
    waiting: Mutex<Option<Waiting>>,
    /// The progress of the sending that is under way.
    progress: Mutex<Option<ByteProgress>>,
}

impl<'a> TransferObserver<'a> {
    pub(super) fn new(save: Command, is_platform_chosen: bool, runner: &'a Runner) -> Self {
        TransferObserver {
            save,
            runner,
            is_platform_chosen,
            waiting: Mutex::default(),
            progress: Mutex::default(),
        }
    }

    /// Begins to wait for hosts. If none responds for long, a line names them.
    pub(super) fn wait_for(&self, hosts: &[&str]) {
        self.set_waiting(Some(ui::waiting_for(hosts.join(", "))));
    }

    /// Ends the wait for hosts.
    pub(super) fn stop_waiting(&self) {
        self.set_waiting(None);
    }

    fn set_waiting(&self, waiting: Option<Waiting>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }

    /// Echoes the pipeline that has the same result as the transfer to a host, but sends all layers.
    pub(super) fn echo(&self, host: &Host, docker: &str) {
        self.runner.echo_pipeline(&[self.save.clone(), docker_load(host, docker)]);
    }

    fn set_progress(&self, progress: Option<ByteProgress>) {
        // Progress must not end a transfer, even after a panic while the lock was held.
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

impl Observer for TransferObserver<'_> {
    fn on_sudo(&self, host: &Host) {
        self.stop_waiting();
        ui::note(format_args!("docker on {} requires sudo: using `sudo -n docker`", host.name()));
        self.echo(host, "sudo -n docker");
    }

    fn on_warning(&self, warning: &Warning) {
        self.stop_waiting();
        if !(self.is_platform_chosen && matches!(warning, Warning::OtherPlatform { .. })) {
            ui::warn(warning);
        }
    }

    fn on_start(&self, workload: &Workload) {
        self.stop_waiting();
        let Workload { targets, layers, layers_to_send, bytes } = workload;
        let kept = format!("({} of {layers} layers kept)", layers - layers_to_send);
        let size = bytes.map_or_else(String::new, |bytes| format!(", {}", Size(bytes)));
        let noun = if *layers_to_send == 1 { "layer" } else { "layers" };
        let line = format!("sending {layers_to_send} {noun}{size} to {} {kept}", targets.join(", "));
        self.set_progress(Some(ByteProgress::start(*bytes, &kept, line)));
    }

    fn on_progress(&self, bytes: usize) {
        if let Some(progress) = &*self.progress.lock().unwrap_or_else(PoisonError::into_inner) {
            progress.advance(bytes as u64);
        }
    }

    fn on_end(&self) {
        self.set_progress(None);
    }

    fn on_arrival(&self, report: &Report) {
        self.stop_waiting();
        ui::note(arrival(report));
    }

    fn on_resend(&self, error: &remote::Error, all: bool) {
        let layers = if all { "all layers" } else { "the layers that are missing now" };
        ui::note(format_args!("{error}; a layer may have been removed there meanwhile: sending {layers}"));
    }
}
