//! Transferring images by a file, for a site that ssh does not reach.

use std::fs::File;
use std::io::stdin;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Instant;

use dockerutils_command::Runner;
use dockerutils_transfer::remote::Host;
use dockerutils_transfer::source;
use dockerutils_transfer::{
    BundleTarget, BundleWriter, Compression, ConnectedHost, Connections, HostFailure, Outcome, SiteInventory,
    Source, Transfer, check_bundle,
};

use super::Args;
use super::error::TransferError;
use super::images::{docker_save, open_source, select, taken_names};
use super::observer::TransferObserver;
use super::report::{print_plans, report_all};
use crate::Result;
use crate::ui::{self, Size};

/// The file that stands for standard output or standard input.
const STANDARD: &str = "-";

/// Prints what the local engine has, for `--base`.
///
/// # Errors
/// Fails if docker cannot be used, or standard output cannot be written to.
pub(super) fn print_inventory(runner: &Runner) -> Result {
    let inventory = SiteInventory::of_local_engine(runner).map_err(TransferError::Transfer)?;
    ui::print_line(serde_json::to_string(&inventory).unwrap_or_default())?;
    Ok(())
}

/// Writes images to a file, without the layers that the site has.
///
/// # Errors
/// Fails if the images cannot be read, or the file cannot be written; an existing regular file is then unchanged.
pub(super) fn bundle(file: &Path, args: &Args, is_docked: bool, runner: &Runner) -> Result {
    // A list that cannot be read is reported before docker is called.
    let site = args.base.as_deref().map(SiteInventory::read).transpose().map_err(TransferError::Transfer)?;
    let source = open_source(&args.words, is_docked, runner)?;
    let (source, save) = select(source, args, runner)?;
    let observer = TransferObserver::new(save, args.platform.is_some(), runner);
    let target = bundle_target(file)?;
    let writer = BundleWriter::new(&source, &target, site, &observer);
    let plan = writer.plan();
    if args.dry_run {
        return print_plans(&source, &[(&target.name(), plan)], runner);
    }
    let start = Instant::now();
    let size = writer.write(args.compress.into(), &observer, runner).map_err(TransferError::Transfer)?;
    let (size, seconds) = (Size(size), start.elapsed().as_secs_f64());
    let (sent, all) = (plan.to_send.len(), plan.to_send.len() + plan.present.len());
    ui::note(format_args!("wrote {size} to {} in {seconds:.1} s ({sent} of {all} layers)", target.name()));
    Ok(())
}

/// Loads the images of a file into the local engine.
///
/// # Errors
/// Fails if the file is not a bundle, or the engine lacks a layer that the bundle leaves out.
pub(super) fn apply(file: &Path, args: &Args, runner: &Runner) -> Result {
    let source = open_bundle(file, runner).map_err(|error| TransferError::Transfer(error.into()))?;
    let observer = TransferObserver::new(docker_save(&source, None), false, runner);
    // Compression would only cost time: the bytes stay on this machine.
    let transfer = Transfer::new(&source, Compression::None, &observer, runner);
    let Connections { hosts, failures } = transfer.connect(vec![Host::Local], !args.dry_run);
    for host in &hosts {
        check_bundle(&source, &bundle_name(file), host.plan().1).map_err(TransferError::Transfer)?;
        ui::note(format_args!("{} contains {}", bundle_name(file), names(&source)));
        let taken = if args.move_tags { Vec::new() } else { taken_names(&source, host.present(), runner)? };
        if !taken.is_empty() {
            return Err(TransferError::NamesTaken(taken.join(", ")).into());
        }
    }
    if args.dry_run {
        let plans: Vec<_> = hosts.iter().map(ConnectedHost::plan).collect();
        print_plans(&source, &plans, runner)?;
        return report_failures(failures);
    }
    let Outcome { failures: more, .. } = transfer.deliver(hosts).map_err(TransferError::Transfer)?;
    report_failures(failures.into_iter().chain(more))
}

/// Returns all names of the images, for a message.
fn names(source: &Source) -> String {
    let names = source.images().iter().flat_map(|image| match image.references.as_slice() {
        [] => vec![image.name()],
        references => references.to_vec(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Returns where a bundle is written: `-` is standard output.
fn bundle_target(file: &Path) -> Result<BundleTarget> {
    if file.as_os_str() == STANDARD {
        return Ok(BundleTarget::Stream { name: "standard output", output: ui::stdout_stream()? });
    }
    Ok(BundleTarget::Path(file.to_owned()))
}

/// Opens a bundle: `-` is standard input.
fn open_bundle(file: &Path, runner: &Runner) -> std::result::Result<Source, source::Error> {
    if file.as_os_str() != STANDARD {
        return Source::open_bundle(file, runner);
    }
    let path = || bundle_name(file).into();
    let input = stdin().as_fd().try_clone_to_owned().map(File::from);
    let input = input.map_err(|source| source::Error::File { path: path(), source })?;
    Source::read_bundle(&bundle_name(file), input, runner)
}

/// Returns the name of a bundle that is applied, for messages.
fn bundle_name(file: &Path) -> String {
    let is_standard = file.as_os_str() == STANDARD;
    if is_standard { "standard input".to_owned() } else { file.display().to_string() }
}

fn report_failures(failures: impl IntoIterator<Item = HostFailure>) -> Result {
    report_all(failures.into_iter().map(|failure| TransferError::Transfer(failure.error)).collect())
}
