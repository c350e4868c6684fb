//! `run-notebook --list`: the notebooks that run.

use chrono::{DateTime, Utc};
use dockerutils_command::Runner;
use dockerutils_notebook::{Probe, ServerStatus};
use serde::Serialize;

use super::Args;
use super::reach::Reach;
use super::running::RunningNotebook;
use crate::Result;
use crate::ui::{self, Age, Align};

/// A notebook that runs, as it is printed.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The project's root.
    project: String,
    image: String,
    /// The port on the engine's machine.
    port: Option<u16>,
    /// `None` if no port of this machine leads to it.
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
    if runner.is_dry_run() {
        runner.echo(&[RunningNotebook::list_command(None)]);
        ui::note("then the state of each notebook is queried");
        return Ok(());
    }
    let notebooks = RunningNotebook::all_and_close_ended(reach, runner)?;
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
        ("IDLE", Align::Left),
        ("URL", Align::Left),
    ];
    let now = Utc::now();
    let cells = |row: Row| {
        let kernels = row.kernels.map_or_else(|| "?".to_owned(), |kernels| kernels.to_string());
        let idle = row.last_activity.and_then(|activity| idle_since(&activity, now));
        let idle = idle.map_or_else(|| "?".to_owned(), |idle| idle.to_string());
        [row.name, row.project, row.image, kernels, idle, row.url.unwrap_or_default()]
    };
    Ok(ui::print_line(ui::table(columns, rows.into_iter().map(cells)))?)
}

/// Returns the time since a kernel or a browser was last active; `None` if the server reports it in another form.
fn idle_since(last_activity: &str, now: DateTime<Utc>) -> Option<Age> {
    let last = DateTime::parse_from_rfc3339(last_activity).ok()?;
    Some(Age::of_seconds((now - last.to_utc()).num_seconds()))
}

fn row(notebook: &RunningNotebook, with_token: bool, reach: &Reach, runner: &Runner) -> Result<Row> {
    let (name, published) = (&notebook.container.name, notebook.published());
    let (mut url, mut status) = (None, None);
    if let Some(published) = published
        && let Some(port) = reach.open_briefly(name, published, runner)?
    {
        if let Probe::Ready(found) | Probe::Open(found) = notebook.server(&port).probe() {
            status = Some(found);
        }
        if reach.local_port(name, published, runner)? == Some(port.address.port()) {
            let server = notebook.server(&port);
            url = Some(if with_token { server.url(None) } else { server.url_without_token(None) });
        }
        reach.close(&port, runner);
    }
    let (kernels, last_activity) = match status {
        Some(ServerStatus { kernels, last_activity }) => (Some(kernels), Some(last_activity)),
        None => (None, None),
    };
    Ok(Row {
        name: name.clone(),
        project: notebook.project().to_owned(),
        image: notebook.container.image.clone(),
        port: published.map(|port| port.port),
        url,
        kernels,
        last_activity,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_idle_time_is_that_since_the_last_activity() {
        let now = DateTime::parse_from_rfc3339("2026-11-27T02:05:30Z").unwrap().to_utc();
        let idle = |text: &str| idle_since(text, now).map(|idle| idle.to_string());
        assert_eq!(idle("2026-11-27T02:00:00.000000Z").as_deref(), Some("5 min"));
        assert_eq!(idle("2026-11-27T02:06:00Z").as_deref(), Some("0 s"));
        assert_eq!(idle("yesterday"), None);
    }
}
