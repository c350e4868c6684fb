//! `run-notebook --stop`: ends notebooks.

use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::Runner;
use dockerutils_docker::stop as docker_stop;
use dockerutils_project::Project;

use super::error::NotebookError;
use super::reach::Reach;
use super::running::{RunningNotebook, inspect_container};
use crate::commands::sync_down;
use crate::dock_context::DockedEngine;
use crate::docker_calls::run_docker;
use crate::{Error, Result, ui};

/// How long Jupyter may take to end its kernels and itself, and how often docker is queried for that.
const SHUTDOWN: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);

/// Ends notebooks: by the container's name, by port, `all`, or without a name that of the project.
///
/// # Errors
/// Fails if there is no such notebook, if docker fails, or if files cannot be fetched.
pub(super) fn stop(which: &str, project: &Project, reach: &Reach, sync: bool, runner: &Runner) -> Result {
    let of_project = if which.is_empty() { Some(project) } else { None };
    if runner.is_dry_run() {
        return announce(which, of_project, reach, sync, runner);
    }
    let mut notebooks = RunningNotebook::all(of_project, runner)?;
    if !matches!(which, "" | "all") {
        let port = which.parse::<u16>().ok();
        notebooks.retain(|one| {
            one.container.name == which || (port.is_some() && port_of(one, reach, runner) == port)
        });
    }
    if notebooks.is_empty() && which != "all" {
        let none = match of_project {
            Some(project) => NotebookError::NoneOfProject { project: project.root().display().to_string() },
            None => NotebookError::NotRunning { which: which.to_owned() },
        };
        return Err(Error::from(none));
    }
    // One that cannot be ended must not keep the others, nor what they have written.
    let mut failed = Ok(());
    for notebook in &notebooks {
        failed = first(failed, end(notebook, reach, runner));
        runner.check_interrupted()?;
    }
    let has_ended = |name: &str| notebooks.iter().any(|one| one.container.name == name);
    failed = first(failed, reach.close_ended(has_ended, runner));
    match reach.dock() {
        Some(engine) if sync => first(failed, fetch(&notebooks, project, engine, runner)),
        _ => failed,
    }
}

/// Returns the port of this machine that leads to a notebook; without one, as `--list` does, its port on the engine's.
fn port_of(notebook: &RunningNotebook, reach: &Reach, runner: &Runner) -> Option<u16> {
    let published = || notebook.published().map(|published| published.port);
    if reach.opens_ports() { notebook.local_port(reach, runner) } else { published() }
}

/// Returns the first of two errors, and prints the second one.
fn first(earlier: Result, later: Result) -> Result {
    match (earlier, later) {
        (Err(earlier), Err(later)) => {
            if let Some(message) = later.message() {
                ui::warn(message);
            }
            Err(earlier)
        }
        (earlier, later) => earlier.and(later),
    }
}

/// Prints what a dry run cannot know: the names of the containers.
fn announce(which: &str, of_project: Option<&Project>, reach: &Reach, sync: bool, runner: &Runner) -> Result {
    runner.echo(&[RunningNotebook::list_command(of_project)]);
    let what = match which {
        "" => "the project's notebooks",
        "all" => "all notebooks",
        one => one,
    };
    ui::note(format_args!(
        "then Jupyter of {what} gets a request to shut down, and `docker stop` ends it after 10 s"
    ));
    if reach.dock().is_some() && sync {
        ui::note("then `sync-down` fetches what has changed");
    }
    Ok(())
}

/// Ends a notebook: Jupyter ends its kernels and itself on a request to its API. Its command may not get docker's SIGTERM, as in
/// an image whose command is a line for a shell.
fn end(notebook: &RunningNotebook, reach: &Reach, runner: &Runner) -> Result {
    let name = &notebook.container.name;
    // Without the request docker ends it all the same.
    if shuts_down(notebook, reach, runner).unwrap_or(false) {
        let deadline = Instant::now() + SHUTDOWN;
        while Instant::now() < deadline {
            if inspect_container(name, runner)?.is_none_or(|container| !container.is_running) {
                ui::note(format_args!("{name} has ended"));
                return Ok(());
            }
            thread::sleep(POLL);
        }
    }
    runner.check_interrupted()?;
    run_docker(runner, &docker_stop([name.as_str()], None))
}

fn shuts_down(notebook: &RunningNotebook, reach: &Reach, runner: &Runner) -> Result<bool> {
    let Some(published) = notebook.published() else { return Ok(false) };
    let Some(port) = reach.open_briefly(&notebook.container.name, published, runner)? else {
        return Ok(false);
    };
    let shuts_down = notebook.server(&port).shut_down();
    reach.close(&port, runner);
    Ok(shuts_down)
}

/// Fetches what notebooks of the project have changed on a dock, and names the other projects whose files are there.
fn fetch(notebooks: &[RunningNotebook], project: &Project, engine: &DockedEngine, runner: &Runner) -> Result {
    let workspace = engine.workspace(project)?;
    let root = project.root().display().to_string();
    let (own, others): (Vec<_>, Vec<_>) = notebooks.iter().partition(|one| one.project() == root);
    let mut others: Vec<&str> = others.into_iter().map(RunningNotebook::project).collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        ui::note(format_args!("`sync-down` in {other} fetches what has changed on {}", engine.moniker()));
    }
    if own.iter().any(|one| one.container.mounts.iter().any(|mount| workspace.contains(mount))) {
        return sync_down::fetch_after_run(engine, project, runner);
    }
    Ok(())
}
