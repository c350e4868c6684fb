//! Images through a file, for a site that no ssh reaches: what its engine has, the file with the rest, and loading it.

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use dockerutils_command::Runner;
use dockerutils_oci::{Digest, Platform};
use dockerutils_transfer::source::Source;
use dockerutils_transfer::target::{Target, Wanted};
use dockerutils_transfer::{BlockSink, Codec, CompressionPolicy, Packer, Plan, PresentLayers, Shipment};
use serde::{Deserialize, Serialize};
use tempfile::{Builder, NamedTempFile};

use super::delivery::{Compress, Delivery, open, reach, told};
use super::host::Host;
use super::progress;
use super::reached::{Reached, Search, has};
use super::{layers, sending};
use crate::{Error, Result, ui};

/// What the engine of a site is and has.
#[derive(Serialize, Deserialize)]
struct Site {
    docker: String,
    platform: Platform,
    has: PresentLayers,
}

/// Prints what the engine here has, for [`bundle`].
///
/// # Errors
/// Docker refuses.
pub(super) fn print_inventory() -> Result {
    let runner = Runner::new(false);
    let explain = |error| Host::Here.explain(error);
    let target = Target::here(Wanted::default(), &runner).map_err(explain)?;
    let manifests = target.all_manifests(&runner).map_err(explain)?;
    let inventory = target.inventory();
    let (docker, platform) = (inventory.version.clone(), inventory.platform.clone());
    let site = Site { docker, platform, has: has(inventory, &manifests) };
    let list = serde_json::to_string(&site).map_err(|error| ui::StdoutError(error.into()))?;
    Ok(ui::print_line(list)?)
}

/// Writes images to a file, without what the list `base` says that the site has.
///
/// # Errors
/// The images cannot be read, or the file cannot be written; then it is as it was.
pub(super) fn bundle(
    file: &Path,
    images: &[String],
    base: Option<&Path>,
    compress: Compress,
    dry_run: bool,
) -> Result {
    let site = base.map(site).transpose()?;
    let runner = Runner::new(false);
    let source = open(images, &runner)?;
    let images = source.images();
    if let Some(Site { platform, .. }) = &site {
        for image in images.iter().filter(|image| image.platform != *platform) {
            ui::warn(format_args!("{} is for {}, and the site is {platform}", image.name(), image.platform));
        }
    }
    let mut plan = Plan::new(images, &site.map_or_else(PresentLayers::none, |site| site.has));
    // One archive for all: plain docker load is to take it.
    plan.in_steps = false;
    if dry_run {
        return layers::tell(&source, &[(&file.display().to_string(), &plan)], false, &runner);
    }
    let begin = Instant::now();
    let failed = |source| Error::BundleNotWritten { path: file.to_owned(), source };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = Permissions::from_mode(0o666);
    let part = Builder::new().prefix(".transfer-").permissions(mode).tempfile_in(folder).map_err(failed)?;
    let codec = match compress {
        Compress::Auto | Compress::None => Codec::None,
        Compress::Gzip => Codec::Gzip,
        Compress::Zstd => Codec::Zstd,
    };
    let blocks = InFile(BufWriter::new(part));
    let packer = Packer::new(codec, CompressionPolicy::Always, blocks).map_err(Error::Threads)?;
    let shipment = Shipment::new(&plan, images.to_vec(), packer);
    let progress = progress::begin(&source, &[(&file.display().to_string(), &plan)]);
    let sent = sending::send(&source, vec![shipment], &progress, &runner)?;
    drop(progress);
    for sent in sent {
        let (_, blocks) = sent.map_err(failed)?;
        let part = blocks.0.into_inner().map_err(|error| failed(error.into_error()))?;
        let size = part.as_file().metadata().map_err(failed)?.len();
        part.persist(file).map_err(|error| failed(error.error))?;
        let (layers, seconds) = (plan.to_send.len(), begin.elapsed().as_secs_f64());
        let all = layers + plan.present.len();
        ui::note(format_args!(
            "wrote {} to {} in {seconds:.1} s ({layers} of {all} layers)",
            ui::Size(size),
            file.display()
        ));
    }
    Ok(())
}

/// Loads the images of a file into the engine here.
///
/// # Errors
/// It is no such file, or the engine lacks a layer that it leaves out.
pub(super) fn apply(file: &Path, dry_run: bool) -> Result {
    let runner = Runner::new(false);
    let source = Source::open_bundle(file)?;
    let search = Search { source: &source, full: false, sends: !dry_run };
    let (reached, failed) = reach(vec![Host::Here], search, &runner);
    for reached in &reached {
        let in_file = |diff_id: &Digest| {
            let mut layers = source.images().iter().flat_map(|image| &image.layers);
            layers.any(|layer| layer.diff_id == *diff_id && layer.size.is_some())
        };
        let lacking = reached.plan().1.to_send.iter().filter(|diff_id| !in_file(diff_id)).count();
        if lacking > 0 {
            return Err(Error::BundleLacks { path: file.to_owned(), lacking });
        }
    }
    if dry_run {
        let plans: Vec<_> = reached.iter().map(Reached::plan).collect();
        layers::tell(&source, &plans, false, &runner)?;
        return told(failed);
    }
    let delivery =
        Delivery { source: &source, compress: Compress::None, begin: Instant::now(), runner: &runner };
    let (_, failures) = delivery.to(reached)?;
    told(failed.into_iter().chain(failures).collect())
}

fn site(list: &Path) -> Result<Site> {
    let text = fs::read(list).map_err(|source| Error::List { path: list.to_owned(), source })?;
    serde_json::from_slice(&text)
        .map_err(|source| Error::List { path: list.to_owned(), source: io::Error::from(source) })
}

/// Blocks into a file.
struct InFile(BufWriter<NamedTempFile>);

impl BlockSink for InFile {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.0.write_all(&block)
    }

    fn end_step(&mut self) -> io::Result<()> {
        Ok(())
    }
}
