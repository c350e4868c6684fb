//! `nb-dock --list` and `--stop`.

use dockerutils_notebook::{JupyterServer, RemoteRequest, RemoteServer};
use dockerutils_project::Project;
use serde::Serialize;

use super::Args;
use super::error::NbDockError;
use super::remote::RemoteJupyter;
use crate::commands::sync_down;
use crate::ui::{self, Align};
use crate::{Error, Result};

/// A server that runs, as it is printed.
#[derive(Debug, Serialize)]
struct Row {
    folder: String,
    /// The program on the dock.
    jupyter: String,
    /// The version of Jupyter's server.
    version: String,
    /// The process on the dock.
    pid: Option<u32>,
    /// `None` if no port of this machine leads to it.
    url: Option<String>,
}

/// Prints the servers of the calling user on the dock.
///
/// # Errors
/// Fails if the dock cannot be reached, or if standard output cannot be written to.
pub(super) fn list(args: &Args, jupyter: &RemoteJupyter, request: &RemoteRequest) -> Result {
    let servers = jupyter.call(request)?;
    if args.dry_run {
        return Ok(());
    }
    let with_token = args.token || args.json;
    let rows = servers.iter().map(|server| row(server, with_token, jupyter)).collect::<Result<Vec<_>>>()?;
    if args.json {
        return Ok(ui::print_json(&rows)?);
    }
    if rows.is_empty() {
        ui::note(format_args!("no Jupyter of yours runs on {}", jupyter.engine.moniker()));
        return Ok(());
    }
    let columns = [("FOLDER", Align::Left), ("JUPYTER", Align::Left), ("URL", Align::Left)];
    let cells = |row: Row| [row.folder, row.jupyter, row.url.unwrap_or_default()];
    Ok(ui::print_line(ui::table(columns, rows.into_iter().map(cells)))?)
}

fn row(server: &RemoteServer, with_token: bool, jupyter: &RemoteJupyter) -> Result<Row> {
    let kept = jupyter.ports().map_or(Ok(None), |ports| ports.find(&server.name))?;
    let port = kept.filter(|port| server.target().as_ref() == Some(&port.target));
    let url = port.zip(server.token()).map(|(port, token)| {
        let server = JupyterServer::at(([127, 0, 0, 1], port.local).into(), token);
        if with_token { server.url(None) } else { server.url_without_token(None) }
    });
    Ok(Row {
        folder: server.folder.clone(),
        jupyter: server.program.clone(),
        version: server.version().to_owned(),
        pid: server.pid(),
        url,
    })
}

/// Ends the servers of the calling user on the dock, or that of one folder, and closes their ports on this machine.
///
/// # Errors
/// Fails if none runs, if the dock cannot be reached, or if files cannot be fetched.
pub(super) fn stop(
    args: &Args,
    jupyter: &RemoteJupyter,
    request: &RemoteRequest,
    project: Option<&Project>,
) -> Result {
    let stopped = jupyter.call(request)?;
    if args.dry_run {
        return Ok(());
    }
    if let Some(ports) = jupyter.ports() {
        let is_of_stopped = |name: &str| stopped.iter().any(|server| server.name == name);
        // With all servers of the user, also the port of one that has ended by itself.
        let of_user = format!("{}@", request.owner);
        let is_ours = |name: &str| request.folder.is_none() && name.starts_with(&of_user);
        ports.close_all(|name| is_of_stopped(name) || is_ours(name))?;
    }
    for server in &stopped {
        ui::note(format_args!("ended on {}: Jupyter in {}", jupyter.engine.moniker(), server.folder));
    }
    if stopped.is_empty() {
        let dock = jupyter.engine.moniker().to_string();
        return Err(Error::from(NbDockError::NotRunning { dock, folder: args.dir.clone() }));
    }
    match project.filter(|_| args.sync) {
        Some(project) => sync_down::fetch_after_run(jupyter.engine, project, jupyter.runner),
        None => Ok(()),
    }
}
