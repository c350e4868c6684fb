//! Transferring images to hosts over ssh.

use std::path::PathBuf;

use dockerutils_command::Runner;
use dockerutils_transfer::remote::Host;
use dockerutils_transfer::{ConnectedHost, Connections, HostFailure, HostLayers, Outcome, Transfer};

use super::Args;
use super::error::TransferError;
use super::hosts::{NamedHost, announce_new_keys, diagnose, find_hosts};
use super::images::{open_source, select};
use super::observer::TransferObserver;
use super::report::{print_entries, print_plans, report_all};
use crate::{Error, Result, ui};

/// The images to transfer, and the hosts that get them.
struct TransferRequest<'a> {
    images: &'a [String],
    hosts: &'a [String],
}

/// Transfers images to hosts. A host that fails does not stop the others.
///
/// # Errors
/// Fails if the images cannot be read, or one of the hosts does not have them at the end.
pub(super) fn transfer(args: &Args, is_docked: bool, runner: &Runner) -> Result {
    let TransferRequest { images, hosts } = TransferRequest::new(args)?;
    let source = open_source(images, is_docked, runner)?;
    // SSH_KEY may be set to nothing.
    let identity = args.identity.as_ref().filter(|key| !key.is_empty()).map(PathBuf::from);
    let named = find_hosts(hosts, identity.as_deref(), runner)?;
    let (source, save) = select(source, args, runner)?;
    let observer = TransferObserver::new(save, args.platform.is_some(), runner);
    let names: Vec<&str> = named.iter().map(|named| named.host.name()).collect();
    let hosts: Vec<Host> = named.iter().map(|named| named.host.clone()).collect();
    hosts.iter().for_each(|host| observer.echo(host, "docker"));
    observer.wait_for(&names);
    let transfer = Transfer::new(&source, args.compress.into(), &observer, runner).full(args.full);
    if args.dry_run {
        let Connections { hosts, failures } = transfer.connect(hosts, false);
        observer.stop_waiting();
        announce_new_keys(&named, runner)?;
        let plans: Vec<_> = hosts.iter().map(ConnectedHost::plan).collect();
        let errors = diagnose_all(&named, failures);
        if args.json {
            let layers = HostLayers::of_plans(&source, &plans, runner);
            let layers = layers
                .map_err(TransferError::Transfer)
                .or_else(|error| fail_others(&names, &errors, error))?;
            let layers: Vec<_> = layers.iter().map(|layers| (layers.host.as_str(), layers)).collect();
            print_entries(&names, &layers, &entries(&errors))?;
        } else {
            print_plans(&source, &plans, runner)?;
        }
        return report_failures(errors);
    }
    let outcome = transfer.run(hosts);
    observer.stop_waiting();
    announce_new_keys(&named, runner)?;
    // Ctrl-C stops ssh and docker, too: their errors do not matter then.
    if let Err(interrupted) = runner.check_interrupted() {
        ui::note("stopped; layers that have arrived are kept, and the next transfer sends the rest");
        return Err(interrupted.into());
    }
    let Outcome { reports, failures } = match outcome.map_err(TransferError::Transfer) {
        Err(error) if args.json => return fail_others(&names, &[], error),
        outcome => outcome?,
    };
    let errors = diagnose_all(&named, failures);
    if args.json {
        let reports: Vec<_> = reports.iter().map(|report| (report.host.as_str(), report)).collect();
        print_entries(&names, &reports, &entries(&errors))?;
    }
    report_failures(errors)
}

/// Prints the errors of single hosts, and the one that keeps the images from all others, and returns the latter.
fn fail_others<T>(hosts: &[&str], known: &[(String, TransferError)], error: TransferError) -> Result<T> {
    let mut errors = entries(known);
    let others = hosts.iter().filter(|host| known.iter().all(|(name, _)| name != *host));
    errors.extend(others.map(|host| (*host, error.to_string())));
    print_entries::<()>(hosts, &[], &errors)?;
    Err(error.into())
}

fn entries(errors: &[(String, TransferError)]) -> Vec<(&str, String)> {
    errors.iter().map(|(host, error)| (host.as_str(), error.to_string())).collect()
}

/// Returns the errors of hosts, with their names.
fn diagnose_all(hosts: &[NamedHost], failures: Vec<HostFailure>) -> Vec<(String, TransferError)> {
    failures.into_iter().map(|failure| (failure.host.name().to_owned(), diagnose(hosts, failure))).collect()
}

fn report_failures(errors: Vec<(String, TransferError)>) -> Result {
    report_all(errors.into_iter().map(|(_, error)| error).collect())
}

impl<'a> TransferRequest<'a> {
    /// Decides which words are images, and which are hosts.
    fn new(args: &'a Args) -> Result<Self> {
        let (images, hosts) = match args.words.split_last() {
            Some((last, images)) if args.to.is_empty() => (images, std::slice::from_ref(last)),
            _ => (args.words.as_slice(), args.to.as_slice()),
        };
        if images.is_empty() {
            let host = hosts.join(" ");
            return Err(Error::Usage(format!(
                "specify an image and a host: `transfer-image IMAGE {host}` or `transfer-image {host} HOST`"
            )));
        }
        Ok(TransferRequest { images, hosts })
    }
}
