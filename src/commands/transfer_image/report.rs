//! The output of a transfer: one line for each host, the layers of a dry run, and errors.

use dockerutils_command::Runner;
use dockerutils_transfer::{HostLayers, Plan, Report, Source};
use serde::Serialize;

use super::error::TransferError;
use crate::ui::{self, Align, Size};
use crate::{Error, Result};

/// Returns the line about a host that has all its images.
pub(super) fn arrival(report: &Report) -> String {
    let Report { host, bytes_sent, bytes_total, layers_sent, layers_kept, seconds, .. } = report;
    let seconds = seconds.as_secs_f64();
    if *layers_sent == 0 {
        return format!("sent no layer to {host} in {seconds:.1} s (all {layers_kept} were there)");
    }
    let (sent, total, layers) = (Size(*bytes_sent), Size(*bytes_total), layers_sent + layers_kept);
    format!(
        "sent {sent} of {total} to {host} in {seconds:.1} s ({layers_kept} of {layers} layers were there)"
    )
}

/// Prints the layers of a dry run on standard output, as a table for each target.
///
/// # Errors
/// Fails if a layer whose size is unknown cannot be read, or standard output cannot be written to.
pub(super) fn print_plans(source: &Source, plans: &[(&str, &Plan)], runner: &Runner) -> Result {
    let hosts = HostLayers::of_plans(source, plans, runner).map_err(TransferError::Transfer)?;
    let tables: Vec<String> = hosts.iter().map(table).collect();
    ui::print_line(tables.join("\n\n"))?;
    Ok(())
}

/// The entry of a host in JSON. The names of the fields are an interface for programs.
#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a, T> {
    Done {
        #[serde(flatten)]
        result: &'a T,
        /// Null.
        error: (),
    },
    Failed {
        host: &'a str,
        error: String,
    },
}

/// Prints an entry for each host as JSON, in the order of `names`: its result, or its error.
///
/// # Errors
/// Fails if standard output cannot be written to.
pub(super) fn print_entries<T: Serialize>(
    names: &[&str],
    results: &[(&str, T)],
    errors: &[(&str, String)],
) -> Result {
    let place = |host: &str| names.iter().position(|name| *name == host);
    let done = results.iter().map(|(host, result)| (place(host), Entry::Done { result, error: () }));
    let failed =
        errors.iter().map(|(host, error)| (place(host), Entry::Failed { host, error: error.clone() }));
    let mut entries: Vec<_> = done.chain(failed).collect();
    entries.sort_by_key(|(place, _)| *place);
    Ok(ui::print_json(&entries.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>())?)
}

fn table(host: &HostLayers) -> String {
    let title = format!("TO {}", host.host);
    let columns = [("LAYER", Align::Left), ("SIZE", Align::Right), (title.as_str(), Align::Left)];
    let rows = host.layers.iter().map(|layer| {
        let size = layer.size.map_or_else(String::new, |size| Size(size).to_string());
        let action = if layer.sent { "sent" } else { "kept" };
        [layer.layer.to_string(), size, action.to_owned()]
    });
    ui::table(columns, rows)
}

/// Prints all errors but the last, and returns that one as the error of the command.
pub(super) fn report_all(errors: Vec<TransferError>) -> Result {
    let mut errors: Vec<Error> = errors.into_iter().map(Error::from).collect();
    // The last one is printed like the error of any command, and decides the exit status.
    let Some(last) = errors.pop() else { return Ok(()) };
    errors.iter().filter_map(Error::message).for_each(ui::note);
    Err(last)
}
