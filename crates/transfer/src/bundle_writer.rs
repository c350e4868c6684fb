//! Writing images to a bundle: an archive for a site that ssh does not reach, which plain `docker load` accepts too.

use dockerutils_command::Runner;
use dockerutils_oci::Digest;

use crate::error::{Error, Result};
use crate::fan_out::{self, AllSent};
use crate::observer::{Observer, Warning};
use crate::packing::Compression;
use crate::site::SiteInventory;
use crate::workload::Workload;
use crate::{BundleTarget, Codec, CompressionPolicy, Packer, Plan, PresentLayers, Shipment, Source};

/// A bundle that will be written.
pub struct BundleWriter<'a> {
    source: &'a Source,
    target: &'a BundleTarget,
    plan: Plan,
    /// Whether docker at the site is known to unpack zstd.
    unpacks_zstd: bool,
}

impl<'a> BundleWriter<'a> {
    /// Plans a bundle of all images of a source, without the layers that the site has. Warns about images that are for
    /// another platform than that of the site.
    pub fn new(
        source: &'a Source,
        target: &'a BundleTarget,
        site: Option<SiteInventory>,
        observer: &dyn Observer,
    ) -> Self {
        if let Some(SiteInventory { platform, .. }) = &site {
            for image in source.images().iter().filter(|image| !image.platform.is_same_machine(platform)) {
                observer.on_warning(&Warning::OtherPlatform {
                    image: image.name(),
                    platform: image.platform.clone(),
                    host: "the site".to_owned(),
                    host_platform: platform.clone(),
                });
            }
        }
        let unpacks_zstd = site.as_ref().is_some_and(SiteInventory::unpacks_zstd);
        let mut plan = Plan::new(source.images(), &site.map_or_else(PresentLayers::none, |site| site.has));
        // A bundle is one archive, because plain docker load reads only the first of several.
        plan.in_steps = false;
        BundleWriter { source, target, plan, unpacks_zstd }
    }

    /// Returns what happens to the layers.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Writes the bundle, and returns its size in bytes. A regular file appears only when it is complete.
    ///
    /// # Errors
    /// Fails if the images cannot be read, or the target cannot be written; an existing file is then unchanged.
    pub fn write(&self, compression: Compression, observer: &dyn Observer, runner: &Runner) -> Result<u64> {
        let name = self.target.name();
        let failed = |source| match runner.check_interrupted() {
            Ok(()) => Error::BundleNotWritten { name: name.clone(), source },
            Err(interrupted) => interrupted.into(),
        };
        let output = self.target.open(runner).map_err(failed)?;
        let packer = Packer::new(codec(compression), CompressionPolicy::Always, output);
        // A file that is compressed with zstd needs a docker that unpacks it anyway.
        let accepts_zstd = self.unpacks_zstd || compression == Compression::Zstd;
        let packer = packer.map_err(Error::Threads)?;
        let shipment = Shipment::new(&self.plan, self.source.images().to_vec(), packer);
        let shipment = shipment.with_zstd(accepts_zstd);
        observer.on_start(&Workload::new(self.source, &[(&name, &self.plan)]));
        let sent = fan_out::send(self.source, vec![shipment], observer, runner);
        observer.on_end();
        let mut size = 0;
        let AllSent { targets, left_out } = sent?;
        left_out.iter().for_each(|warning| observer.on_warning(warning));
        for sent in targets {
            let (_, output) = sent.map_err(failed)?;
            size = output.finish().map_err(failed)?;
        }
        Ok(size)
    }
}

/// Checks that a bundle contains every layer that the plan for the local engine sends.
///
/// # Errors
/// Returns [`Error::BundleLacksLayers`] if it leaves out any.
pub fn check_bundle(source: &Source, name: &str, plan: &Plan) -> Result {
    let in_bundle = |diff_id: &Digest| {
        let mut layers = source.images().iter().flat_map(|image| &image.layers);
        layers.any(|layer| layer.diff_id == *diff_id && layer.size.is_some())
    };
    let missing = plan.to_send.iter().filter(|diff_id| !in_bundle(diff_id)).count();
    if missing > 0 {
        return Err(Error::BundleLacksLayers { name: name.to_owned(), missing });
    }
    Ok(())
}

/// Returns the codec for a file: there is no line that compression could wait for.
fn codec(compression: Compression) -> Codec {
    match compression {
        Compression::Auto | Compression::None => Codec::None,
        Compression::Gzip => Codec::Gzip,
        Compression::Zstd => Codec::Zstd,
    }
}
