//! Running the container of a notebook, or opening the one that runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_command as command;
use dockerutils_command::Runner;
use dockerutils_docker::{Container, stop};
use dockerutils_notebook::Token;
use dockerutils_project::{NotebookImage, Project};

use super::Args;
use super::diagnosis::remedy;
use super::error::NotebookError;
use super::notebook_container::{NotebookContainer, Template, warn_of_files};
use super::port_choice::{is_free, taken};
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
            ui::note(
                "if a notebook of this project runs already, it is opened, and nothing else is done (--new starts one more)",
            );
            return Ok(false);
        }
        let Some(running) = self.running()? else { return Ok(false) };
        let name = &running.container.name;
        match (self.args.port, running.fixed_port(self.reach)) {
            (Some(requested), Some(port)) if requested != port => ui::note(format_args!(
                "{name} runs already, on port {port} (`run-notebook --new --port {requested}` starts one more)"
            )),
            _ => ui::note(format_args!("{name} runs already (--new starts one more)")),
        }
        let token = running.token.clone().unwrap_or_else(|| Token::new(""));
        let ending = format!("`run-notebook --stop {name}` ends it");
        let startup = Startup { is_started: true, ..self.startup(name, running.port, &token, &ending) };
        match startup.watch(&|| false)? {
            Started::Ended(log) => Err(ended_in_background(&log, None).into()),
            Started::Opened | Started::Unreachable => Ok(true),
        }
    }

    /// Returns a notebook of the project that runs. A port of this machine that an ended one has left is free afterwards.
    fn running(&self) -> Result<Option<RunningNotebook>> {
        if self.reach.dock().is_none() {
            return Ok(RunningNotebook::all(Some(self.project), self.runner)?.into_iter().next());
        }
        let root = self.project.root().display().to_string();
        let notebooks = RunningNotebook::all_and_close_ended(self.reach, self.runner)?;
        Ok(notebooks.into_iter().find(|one| one.project() == root))
    }

    fn startup<'s>(&'s self, name: &'s str, port: u16, token: &'s Token, ending: &'s str) -> Startup<'s> {
        let Launch { args, project, reach, runner } = *self;
        Startup { args, project, reach, runner, name, port, token, ending, is_started: false }
    }

    /// Checks the flags, the configuration and the requested port.
    ///
    /// # Errors
    /// Fails if the container cannot be run as requested.
    pub(super) fn check(&self, image: &NotebookImage) -> Result {
        if let Some(port) = self.args.port.filter(|port| !is_free(*port)) {
            let notebook = if self.runner.is_dry_run() { None } else { self.notebook_on(port) };
            return Err(match notebook {
                Some(name) => NotebookError::PortTaken { port, owner: format!("the notebook {name}") },
                None => taken(port),
            }
            .into());
        }
        self.template(image, None)?.check()
    }

    /// Returns the name of the notebook that has a port of this machine. Its program there is docker's or ssh.
    fn notebook_on(&self, port: u16) -> Option<String> {
        let notebooks = RunningNotebook::all(None, self.runner).ok()?;
        let has_port = |one: &RunningNotebook| one.local_port(self.reach, self.runner) == Some(port);
        notebooks.into_iter().find(has_port).map(|one| one.container.name)
    }

    fn template<'s>(&'s self, image: &'s NotebookImage<'s>, owner: Option<String>) -> Result<Template<'s>> {
        Template::new(self.args, self.project, image, self.reach, owner)
    }

    /// Returns the ids of the owner of the project's copy on the dock, if files of the container should be that user's.
    fn owner_on_dock(&self, image: &NotebookImage) -> Result<Option<String>> {
        let is_wanted = matches!(image, NotebookImage::Stock(_)) || image.image().section.run_as_host_user;
        match self.reach.dock().filter(|_| is_wanted) {
            Some(engine) => engine.workspace_owner(&engine.workspace(self.project)?, self.runner),
            None => Ok(None),
        }
    }

    /// Runs the container.
    ///
    /// # Errors
    /// Fails if it cannot be run, or with docker's status.
    pub(super) fn run(&self, image: &NotebookImage) -> Result {
        let mut template = self.template(image, self.owner_on_dock(image)?)?;
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
        template.prepare_copies(self.project, self.runner)?;
        for _ in 1..ATTEMPTS {
            let notebook = template.complete(inspected.as_ref())?;
            let ended = self.run_once(&notebook, image);
            if !is_port_clash(&notebook, &ended, self.reach) {
                return ended;
            }
        }
        self.run_once(&template.complete(inspected.as_ref())?, image)
    }

    fn run_once(&self, notebook: &NotebookContainer, image: &NotebookImage) -> Result {
        if self.runner.is_dry_run() {
            self.runner.echo(std::slice::from_ref(&notebook.container.command));
            self.announce_rest(notebook);
            return Ok(());
        }
        if self.args.detach {
            self.run_in_background(notebook, image)
        } else {
            self.run_in_foreground(notebook, image)
        }
    }

    /// Prints what a dry run cannot know: it depends on what docker and Jupyter respond.
    fn announce_rest(&self, notebook: &NotebookContainer) {
        let browser = if self.args.no_browser { "" } else { ", and the browser is opened" };
        match (self.reach, notebook.host_port) {
            (Reach::Direct, Some(port)) => {
                let published = notebook.container.ports.numbered.iter().find(|found| found.port == port);
                let address = published.and_then(|found| found.address.as_deref()).unwrap_or("127.0.0.1");
                ui::note(format_args!("then Jupyter responds at http://{address}:{port}/{browser}"));
            }
            (Reach::Dock(engine, _), _) => ui::note(format_args!(
                "then the notebook's port on {} is opened on this machine{browser}",
                engine.moniker()
            )),
            _ => ui::note("then the notebook's port is not opened on this machine"),
        }
        if !self.args.detach && self.fetches(&notebook.container) {
            ui::note("at the end `sync-down` fetches what has changed");
        }
    }

    fn run_in_background(&self, notebook: &NotebookContainer, image: &NotebookImage) -> Result {
        capture_docker(self.runner, &notebook.container.command)
            .map_err(|error| explained(error, "", image))?;
        let name = &notebook.container.name;
        let ending = format!("`run-notebook --stop {name}` ends it");
        let startup = self.startup(name, notebook.port, &notebook.token, &ending);
        match (Startup { is_started: true, ..startup }).watch(&|| false)? {
            Started::Ended(log) => Err(ended_in_background(&log, Some(image)).into()),
            Started::Opened | Started::Unreachable => Ok(()),
        }
    }

    fn run_in_foreground(&self, notebook: &NotebookContainer, image: &NotebookImage) -> Result {
        let container = &notebook.container;
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
        if let Err(error) = &ended
            && self.may_still_run(&container.name, error, &started)
        {
            if is_interrupted(error) {
                self.note_remaining(Some(&container.name), container);
            } else if let Some(engine) = self.reach.dock() {
                return Err(NotebookError::ConnectionLost { dock: engine.moniker().to_string() }.into());
            }
            return ended;
        }
        if let Err(error) = self.reach.close_ended(|name| name == container.name, self.runner) {
            ui::warn(error);
        }
        let fetched = self.fetch(container);
        if fetched.as_ref().is_err_and(is_interrupted) {
            self.note_remaining(None, container);
        }
        match (ended, started) {
            (Err(error), started) => {
                // Only one error can be returned, and docker's status counts.
                if let Some(message) = fetched.err().and_then(|error| error.message()) {
                    ui::warn(message);
                }
                Err(if let Started::Ended(log) = started { explained(error, &log, image) } else { error })
            }
            (Ok(()), _) => fetched,
        }
    }

    /// Returns whether what has changed on a dock is fetched: if the container has the project's copy there.
    fn fetches(&self, container: &Container) -> bool {
        let workspace = self.reach.dock().and_then(|engine| engine.workspace(self.project).ok());
        !self.args.no_sync && workspace.is_some_and(|workspace| container.mounts_workspace(&workspace))
    }

    fn fetch(&self, container: &Container) -> Result {
        match self.reach.dock() {
            Some(engine) if self.fetches(container) => {
                sync_down::fetch_after_run(engine, self.project, &self.runner.uninterrupted())
            }
            _ => Ok(()),
        }
    }

    /// Prints the commands for what a second signal has left undone.
    fn note_remaining(&self, running: Option<&str>, container: &Container) {
        if let Some(name) = running {
            ui::note(format_args!(
                "stopped before the container has ended: `{}` ends it",
                stop([name], None).to_shell()
            ));
        }
        if self.fetches(container) {
            ui::note("stopped before everything was fetched: `sync-down` fetches what has changed");
        }
    }

    /// Returns whether a container may run although docker has ended: a second signal has ended `docker stop`, or the
    /// connection to the dock was lost, or was lost and is open again.
    fn may_still_run(&self, name: &str, error: &Error, started: &Started) -> bool {
        let (dock, connection) = (self.reach.dock(), self.reach.control());
        if dock.is_none() && !is_interrupted(error) {
            return false;
        }
        if connection.is_some_and(|control| !control.is_connected()) {
            return true;
        }
        match RunningNotebook::all(None, &self.runner.uninterrupted()) {
            Ok(running) => running.iter().any(|one| one.container.name == name),
            // Docker has a connection of its own to the dock, over which the container has been seen.
            Err(_) => {
                is_interrupted(error)
                    || dock.is_some() && connection.is_none() && matches!(started, Started::Opened)
            }
        }
    }
}

fn is_interrupted(error: &Error) -> bool {
    matches!(error.child_error(), Some(command::Error::Interrupted { .. }))
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
fn explained(error: Error, log: &str, image: &NotebookImage) -> Error {
    let Error::Failure(source) = error else { return error };
    match source.downcast::<command::Error>() {
        Ok(source) => match remedy(Some(&source), log, Some(image)) {
            Some(cause) => NotebookError::Ended { cause, source: *source }.into(),
            None => (*source).into(),
        },
        Err(source) => Error::Failure(source),
    }
}

fn ended_in_background(log: &str, image: Option<&NotebookImage>) -> NotebookError {
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    NotebookError::EndedInBackground {
        lines: last.iter().map(|line| line.trim_end().to_owned()).collect(),
        cause: remedy(None, log, image),
    }
}
