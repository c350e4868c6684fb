//! `run-notebook --list` and `--stop`.

use dockerutils_command::Runner;
use dockerutils_docker::stop as docker_stop;
use dockerutils_notebook::{Probe, ServerStatus};
use dockerutils_project::Project;
use serde::Serialize;

use super::Args;
use super::error::NotebookError;
use super::reach::Reach;
use super::running::RunningNotebook;
use crate::commands::sync_down;
use crate::docker_calls::run_docker;
use crate::ui::{self, Align};
use crate::{Error, Result};

/// A notebook that runs, as it is printed.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The project's root.
    project: String,
    image: String,
    /// The port on the engine's machine.
    port: Option<u16>,
    /// `None` if it cannot be reached from this machine.
    url: Option<String>,
    /// `None` if the server does not respond to its token.
    kernels: Option<u64>,
    /// In UTC.
    last_activity: Option<String>,
}

/// Prints the notebooks of the calling user.
///
/// # Errors
/// Fails if docker fails, or if standard output cannot be written to.
pub(super) fn list(args: &Args, reach: &Reach, runner: &Runner) -> Result {
    let notebooks = if runner.is_dry_run() { Vec::new() } else { RunningNotebook::all(None, runner)? };
    let rows = notebooks.iter().map(|one| row(one, args.token || args.json, reach, runner));
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    if args.json {
        return Ok(ui::print_json(&rows)?);
    }
    if rows.is_empty() {
        ui::note("no notebook runs");
        return Ok(());
    }
    let columns = [
        ("NAME", Align::Left),
        ("PROJECT", Align::Left),
        ("IMAGE", Align::Left),
        ("KERNELS", Align::Right),
        ("LAST ACTIVITY", Align::Left),
        ("URL", Align::Left),
    ];
    let cells = |row: Row| {
        let kernels = row.kernels.map_or_else(|| "?".to_owned(), |kernels| kernels.to_string());
        let (activity, url) = (row.last_activity.unwrap_or_default(), row.url.unwrap_or_default());
        [row.name, row.project, row.image, kernels, activity, url]
    };
    Ok(ui::print_line(ui::table(columns, rows.into_iter().map(cells)))?)
}

fn row(notebook: &RunningNotebook, with_token: bool, reach: &Reach, runner: &Runner) -> Result<Row> {
    let published = notebook.published();
    let (mut url, mut status) = (None, None);
    // The forward of a dock's port is opened for the length of this command, so its URL would be of no use.
    if let Some(port) = published.map(|port| reach.open(port, None, runner)).transpose()?.flatten() {
        let server = notebook.server(&port);
        if let Probe::Ready(found) | Probe::Open(found) = server.probe() {
            status = Some(found);
        }
        if matches!(reach, Reach::Direct) {
            url = Some(if with_token { server.url(None) } else { server.url_without_token(None) });
        }
        reach.close(&port, runner);
    }
    let (kernels, last_activity) = match status {
        Some(ServerStatus { kernels, last_activity }) => (Some(kernels), Some(last_activity)),
        None => (None, None),
    };
    Ok(Row {
        name: notebook.container.name.clone(),
        project: notebook.project().to_owned(),
        image: notebook.container.image.clone(),
        port: published.map(|port| port.port),
        url,
        kernels,
        last_activity,
    })
}

/// Ends notebooks: by the container's name, by port, `all`, or without a name that of the project.
///
/// # Errors
/// Fails if there is no such notebook, or if docker fails.
pub(super) fn stop(which: &str, project: &Project, reach: &Reach, sync: bool, runner: &Runner) -> Result {
    let of_project = if which.is_empty() { Some(project) } else { None };
    let mut notebooks =
        if runner.is_dry_run() { Vec::new() } else { RunningNotebook::all(of_project, runner)? };
    if !matches!(which, "" | "all") {
        let port = which.parse::<u16>().ok();
        notebooks.retain(|one| {
            one.container.name == which || (port.is_some() && one.published().map(|port| port.port) == port)
        });
    }
    if notebooks.is_empty() && which != "all" && !runner.is_dry_run() {
        let none = match of_project {
            Some(project) => NotebookError::NoneOfProject { project: project.root().display().to_string() },
            None => NotebookError::NotRunning { which: which.to_owned() },
        };
        return Err(Error::from(none));
    }
    for notebook in &notebooks {
        // Jupyter ends its kernels and itself when it gets SIGTERM.
        run_docker(runner, &docker_stop(&notebook.container.name))?;
    }
    match reach.dock() {
        Some(engine) if sync && of_project.is_some() && !runner.is_dry_run() => {
            sync_down::fetch_after_run(engine, project, runner)
        }
        _ => Ok(()),
    }
}
