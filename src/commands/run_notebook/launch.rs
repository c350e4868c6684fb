//! Running the container of a notebook, or opening the one that runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_command as command;
use dockerutils_command::Runner;
use dockerutils_notebook::Token;
use dockerutils_project::{NotebookImage, Project};

use super::Args;
use super::diagnosis::remedy;
use super::error::NotebookError;
use super::notebook_container::{NotebookContainer, Template, warn_of_files};
use super::port_choice::is_free;
use super::reach::Reach;
use super::running::RunningNotebook;
use super::startup::{Started, Startup};
use crate::commands::sync_down;
use crate::docker_calls::{capture_docker, run_container_stoppable};
use crate::{Error, Result, ui};

/// How often a container is started with another port, because the first one was taken in the meantime.
const ATTEMPTS: usize = 3;

/// How many of the last lines of a container are repeated.
const LAST_LINES: usize = 5;

/// One call of the command.
pub(super) struct Launch<'a> {
    pub(super) args: &'a Args,
    pub(super) project: &'a Project,
    pub(super) reach: &'a Reach<'a>,
    pub(super) runner: &'a Runner,
}

impl Launch<'_> {
    /// Opens a notebook of the project that runs already. Returns whether there is one.
    ///
    /// # Errors
    /// Fails if docker fails, or if its port cannot be opened on this machine.
    pub(super) fn open_running(&self) -> Result<bool> {
        if self.runner.is_dry_run() {
            return Ok(false);
        }
        let Some(running) = RunningNotebook::all(Some(self.project), self.runner)?.into_iter().next() else {
            return Ok(false);
        };
        let name = &running.container.name;
        ui::note(format_args!("{name} runs already (--new starts one more)"));
        let token = running.token.clone().unwrap_or_else(|| Token::new(""));
        let ending = format!("`run-notebook --stop {name}` ends it");
        let startup = self.startup(name, running.port, &token, &ending);
        match startup.watch(&|| false)? {
            Started::Ended(log) => Err(ended_in_background(&log).into()),
            Started::Opened(_) | Started::Unreachable => Ok(true),
        }
    }

    fn startup<'s>(&'s self, name: &'s str, port: u16, token: &'s Token, ending: &'s str) -> Startup<'s> {
        let Launch { args, project, reach, runner } = *self;
        Startup { args, project, reach, runner, name, port, token, ending }
    }

    /// Checks the flags, the configuration and the requested port.
    ///
    /// # Errors
    /// Fails if the container cannot be run as requested.
    pub(super) fn check(&self, image: &NotebookImage) -> Result {
        if let Some(port) = self.args.port.filter(|port| !is_free(*port)) {
            let owner = if self.runner.is_dry_run() { None } else { self.owner_of(port) };
            return Err(NotebookError::PortTaken { port, owner }.into());
        }
        self.template(image, &Runner::new(true))?.as_configured().map(|_| ())
    }

    fn owner_of(&self, port: u16) -> Option<String> {
        let notebooks = RunningNotebook::all(None, self.runner).ok()?;
        let has_port =
            |one: &RunningNotebook| one.published().is_some_and(|published| published.port == port);
        notebooks.into_iter().find(has_port).map(|one| one.container.name)
    }

    fn template<'s>(&'s self, image: &'s NotebookImage<'s>, runner: &Runner) -> Result<Template<'s>> {
        Template::new(self.args, self.project, image, self.reach, runner)
    }

    /// Runs the container.
    ///
    /// # Errors
    /// Fails if it cannot be run, or with docker's status.
    pub(super) fn run(&self, image: &NotebookImage) -> Result {
        let template = self.template(image, self.runner)?;
        let as_configured = template.as_configured()?;
        let inspected = template.inspect(&as_configured, self.runner)?;
        warn_of_files(&template, &as_configured, inspected.as_ref(), self.project);
        if let Some(engine) = self.reach.dock() {
            engine.prepare_mounts(
                &as_configured,
                self.project,
                self.reach.control(),
                !self.args.no_sync,
                self.runner,
            )?;
        }
        for _ in 1..ATTEMPTS {
            let notebook = template.complete(inspected.as_ref())?;
            let ended = self.run_once(&notebook);
            if !is_port_clash(&notebook, &ended, self.reach) {
                return ended;
            }
        }
        self.run_once(&template.complete(inspected.as_ref())?)
    }

    fn run_once(&self, notebook: &NotebookContainer) -> Result {
        if self.args.detach { self.run_in_background(notebook) } else { self.run_in_foreground(notebook) }
    }

    fn run_in_background(&self, notebook: &NotebookContainer) -> Result {
        capture_docker(self.runner, &notebook.container.command)?;
        if self.runner.is_dry_run() {
            return Ok(());
        }
        let name = &notebook.container.name;
        let ending = format!("`run-notebook --stop {name}` ends it");
        match self.startup(name, notebook.port, &notebook.token, &ending).watch(&|| false)? {
            Started::Ended(log) => Err(ended_in_background(&log).into()),
            Started::Opened(_) | Started::Unreachable => Ok(()),
        }
    }

    fn run_in_foreground(&self, notebook: &NotebookContainer) -> Result {
        let container = &notebook.container;
        if self.runner.is_dry_run() {
            return run_container_stoppable(self.runner, container);
        }
        let ending = if ui::is_interactive() { "Ctrl-C twice ends it" } else { "Ctrl-C ends it" };
        let has_ended = AtomicBool::new(false);
        let (ended, started) = thread::scope(|scope| {
            let startup = self.startup(&container.name, notebook.port, &notebook.token, ending);
            let has_ended_now = || has_ended.load(Ordering::Relaxed);
            let watching = scope.spawn(move || startup.watch(&has_ended_now).unwrap_or_else(unwatched));
            let ended = run_container_stoppable(self.runner, container);
            has_ended.store(true, Ordering::Relaxed);
            (ended, watching.join())
        });
        let started = started.unwrap_or(Started::Unreachable);
        let cleaned = self.clean_up(&started);
        match (ended, started) {
            (Err(error), Started::Ended(log)) => Err(explained(error, &log)),
            (Err(error), _) => Err(error),
            (Ok(()), _) => cleaned,
        }
    }

    /// Closes the port of a dock and fetches what has changed there.
    fn clean_up(&self, started: &Started) -> Result {
        if let Started::Opened(port) = started {
            self.reach.close(port, self.runner);
        }
        match self.reach.dock() {
            Some(engine) if !self.args.no_sync => {
                sync_down::fetch_after_run(engine, self.project, &self.runner.uninterrupted())
            }
            _ => Ok(()),
        }
    }
}

/// Reports why the container is not watched any more. It runs all the same.
#[expect(clippy::needless_pass_by_value, reason = "the signature of what replaces an error")]
fn unwatched(error: Error) -> Started {
    if let Some(message) = error.message() {
        ui::warn(message);
    }
    Started::Unreachable
}

/// Returns whether docker has failed because another program has taken the port that we had chosen.
fn is_port_clash(notebook: &NotebookContainer, ended: &Result, reach: &Reach) -> bool {
    let Err(error) = ended else { return false };
    let is_docker_failure = matches!(error.child_error(), Some(command::Error::Failed { status, .. }) if status.code() == Some(125));
    let is_taken = notebook.host_port.is_some_and(|port| !is_free(port));
    is_docker_failure && is_taken && reach.dock().is_none()
}

/// Adds the remedy to the failure of a container that has ended before Jupyter responded.
fn explained(error: Error, log: &str) -> Error {
    let Error::Failure(source) = error else { return error };
    match source.downcast::<command::Error>() {
        Ok(source) => match remedy(Some(&source), log) {
            Some(cause) => NotebookError::Ended { cause: cause.to_owned(), source: *source }.into(),
            None => (*source).into(),
        },
        Err(source) => Error::Failure(source),
    }
}

fn ended_in_background(log: &str) -> NotebookError {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    NotebookError::EndedInBackground {
        lines: last.iter().map(|line| line.trim_end().to_owned()).collect(),
        cause: remedy(None, log).map(str::to_owned),
    }
}
