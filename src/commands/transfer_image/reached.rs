//! A host that has answered: what it lacks of the images, how it is sent that, and the proof.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Instant;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_transfer::source::Source;
use dockerutils_transfer::target::{
    self, Expected, Inventory, Manifest, Receiver, Store, Target, Unpack, Wanted,
};
use dockerutils_transfer::{
    ArchiveImage, Codec, CompressionPolicy, Image, PARTIAL_LABEL, PARTIAL_NAME_LABEL, Packer, Plan,
    PresentLayers, Shipment,
};

use super::delivery::{Compress, by_hand};
use super::host::Host;
use super::lanes;
use super::report::{Arrived, Report};
use super::sending::Sent;
use crate::{Error, Result, ui};

/// What is looked for on hosts.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) source: &'a Source,
    /// Whether what is there counts for nothing.
    pub(super) full: bool,
    /// Whether what is missing will be sent: then its reading may begin as soon as that is known.
    pub(super) sends: bool,
}

/// A host that has answered.
pub(super) struct Reached {
    pub(super) host: Host,
    pub(super) target: Target,
    /// The images that it has, as it calls them.
    present: Vec<Expected>,
    /// Those that it has not.
    pub(super) missing: Vec<Image>,
    /// What is done with their layers.
    plan: Plan,
    /// The images there whose blobs are used.
    bases: Vec<Digest>,
}

impl Reached {
    /// Connects to a host, and learns what it lacks.
    ///
    /// # Errors
    /// It cannot be reached, or has no docker for us.
    pub(super) fn new(host: Host, search: Search, runner: &Runner) -> Result<Self> {
        match ask(&host, search, runner) {
            Err(error) => Err(host.explain(error)),
            Ok((target, manifests)) => {
                let reached = Reached::of(host, target, &manifests, search);
                if reached.lacks_something() && search.sends {
                    search.source.prepare_reading(runner);
                }
                Ok(reached)
            }
        }
    }

    fn of(host: Host, target: Target, manifests: &[Manifest], search: Search) -> Self {
        let Search { source, full, .. } = search;
        let inventory = target.inventory();
        warn_of_platform(&host, inventory, source.images());
        let has = if full { PresentLayers::none() } else { has(inventory, manifests) };
        let mut present = Vec::new();
        let mut missing = Vec::new();
        for image in source.images() {
            match id_there(image, &source.ids(image), inventory, manifests).filter(|_| !full) {
                Some(id) => present.push(expected(image, id)),
                // It is named when it has arrived whole.
                None => missing.push(Image { references: Vec::new(), ..image.clone() }),
            }
        }
        let plan = Plan::new(&missing, &has);
        let is_used =
            |manifest: &&Manifest| plan.present.iter().any(|layer| manifest.layers.contains_key(layer));
        let bases = manifests.iter().filter(is_used).map(|manifest| manifest.image).collect();
        Reached { host, target, present, missing, plan, bases }
    }

    /// What is done with layers, for the host of this name.
    pub(super) fn plan(&self) -> (&str, &Plan) {
        (self.host.name(), &self.plan)
    }

    /// Whether there is anything to send.
    pub(super) fn lacks_something(&self) -> bool {
        !self.missing.is_empty()
    }

    /// The way for what it lacks.
    ///
    /// # Errors
    /// It cannot unpack what is asked for, the connection is lost, or the system refuses.
    pub(super) fn receive(&mut self, compress: Compress, runner: &Runner) -> Result<Packer<Receiver>> {
        let (codec, unpack, when) = self.packing(compress)?;
        let of_way = lanes::for_way(&mut self.target).map_err(|error| self.host.explain(error))?;
        // A configuration alone fills no window.
        let lanes = if self.plan.is_empty() { 1 } else { of_way };
        let receiver =
            self.target.receive(unpack, lanes, runner).map_err(|error| self.host.explain(error))?;
        Packer::new(codec, when, receiver).map_err(Error::Threads)
    }

    /// What it lacks, by that way.
    pub(super) fn shipment(&self, source: &Source, packer: Packer<Receiver>) -> Shipment<'_, Receiver> {
        let size = self.plan.to_send.iter().map(|diff_id| source.layer_size(diff_id)).sum();
        let name = |image: &Image| Some((image.id, references(source, image.id).into_iter().next()?));
        let names = self.missing.iter().filter_map(name).collect();
        Shipment::new(&self.plan, self.missing.clone(), packer).with_size(size).with_names(names)
    }

    /// Proves that the images have arrived, and gives them their names.
    ///
    /// # Errors
    /// Sending failed, or what is there is not what was sent.
    pub(super) fn conclude(
        &mut self,
        source: &Source,
        sent: Option<Sent<Receiver>>,
        begin: Instant,
        runner: &Runner,
    ) -> std::result::Result<Report, target::Error> {
        let mut images = self.present.clone();
        let mut bytes_sent = 0;
        if let Some(sent) = sent {
            let (loaded, receiver) = sent.map_err(target_error)?;
            self.target.prepare_conclusion(runner);
            bytes_sent = receiver.finish()?.sent;
            let references = self.missing.iter().map(|image| references(source, image.id));
            images.extend(
                loaded.iter().zip(references).map(|(loaded, references)| self.arrived(loaded, references)),
            );
        }
        let by_id = source.images().iter().map(|image| format!("{PARTIAL_LABEL}={}", image.id));
        let names = source.images().iter().flat_map(|image| &image.references);
        let by_name = names.map(|name| format!("{PARTIAL_NAME_LABEL}={name}"));
        let served: Vec<String> = by_id.chain(by_name).collect();
        if let Some(words) = self.target.conclude(&images, &self.bases, &served, runner)? {
            ui::warn(format_args!("{} keeps a part that is not needed any more: {words}", self.host.name()));
        }
        Ok(Report {
            host: self.host.name().to_owned(),
            images: images.into_iter().map(Arrived::from).collect(),
            bytes_sent,
            bytes_total: source.images().iter().map(|image| image.size).sum(),
            layers_sent: self.plan.to_send.len(),
            layers_kept: layers(source.images()) - self.plan.to_send.len(),
            seconds: begin.elapsed(),
        })
    }

    /// Whether an error may come from a layer that was there when it was asked, and is not any more.
    pub(super) fn may_lack_what_it_had(&self, error: &target::Error) -> bool {
        let is_of_load = matches!(error, target::Error::NotLoaded { .. } | target::Error::NotProved { .. });
        is_of_load && !(self.plan.present.is_empty() && self.present.is_empty())
    }

    /// An image that was sent, as this engine should call it.
    fn arrived(&self, loaded: &ArchiveImage, references: Vec<String>) -> Expected {
        let config = Digest::of(&loaded.config);
        let id = match self.target.inventory().store {
            Store::Classic => config,
            Store::Containerd => loaded.manifest().map_or(config, Digest::of),
        };
        Expected { id, layers: loaded.layers.iter().map(|layer| layer.diff_id).collect(), references }
    }

    fn packing(&self, compress: Compress) -> Result<(Codec, Unpack, CompressionPolicy)> {
        let inventory = self.target.inventory();
        let zstd = if inventory.unpacks_zstd() {
            Some(Unpack::ByDocker)
        } else {
            inventory.tools.zstd.then_some(Unpack::Zstd)
        };
        Ok(match (compress, zstd) {
            (Compress::None, _) => (Codec::None, Unpack::ByDocker, CompressionPolicy::Always),
            (Compress::Gzip, _) => (Codec::Gzip, Unpack::ByDocker, CompressionPolicy::Always),
            (Compress::Zstd, Some(unpack)) => (Codec::Zstd, unpack, CompressionPolicy::Always),
            (Compress::Zstd, None) => return Err(Error::NoZstd(self.host.name().to_owned())),
            (Compress::Auto, Some(unpack)) => (Codec::Zstd, unpack, CompressionPolicy::WhileLinkIsBusy),
            (Compress::Auto, None) => (Codec::Gzip, Unpack::ByDocker, CompressionPolicy::WhileLinkIsBusy),
        })
    }
}

/// Connects, and reads what stands there for layers that the images share with images there.
fn ask(host: &Host, search: Search, runner: &Runner) -> target::Result<(Target, Vec<Manifest>)> {
    let images = search.source.images();
    let ids: Vec<Vec<Digest>> = images.iter().map(|image| search.source.ids(image)).collect();
    let prepare_reading = || search.source.prepare_reading(runner);
    let on_missing: Option<&(dyn Fn() + Sync)> = if search.sends { Some(&prepare_reading) } else { None };
    let target = host.connect(Wanted { images: &ids, on_missing }, runner)?;
    if target.inventory().sudo {
        ui::note(format_args!("docker on {} is for sudo: `sudo -n docker` is used", host.name()));
        runner.echo_pipeline(&by_hand(search.source, host, "sudo -n docker"));
    }
    let has = |ids: &Vec<Digest>| target.inventory().wanted.iter().any(|there| ids.contains(&there.id));
    let has_all = ids.iter().all(has);
    let layers: Vec<Vec<Digest>> = images.iter().map(Image::diff_ids).collect();
    let manifests = if has_all { Vec::new() } else { target.manifests(&layers, runner)? };
    Ok((target, manifests))
}

/// What of layers an engine has.
pub(super) fn has(inventory: &Inventory, manifests: &[Manifest]) -> PresentLayers {
    match inventory.store {
        Store::Classic => {
            PresentLayers::Chains(inventory.images.iter().map(|image| image.layers.clone()).collect())
        }
        Store::Containerd => {
            let layers = manifests.iter().flat_map(|manifest| manifest.layers.clone());
            PresentLayers::Blobs(layers.collect::<HashMap<_, _>>())
        }
    }
}

/// What an engine calls an image that it has: by one of these IDs, or by that of a manifest for the same configuration.
fn id_there(image: &Image, ids: &[Digest], inventory: &Inventory, manifests: &[Manifest]) -> Option<Digest> {
    let by_id = inventory.wanted.iter().map(|there| there.id).find(|id| ids.contains(id));
    let is_same = |manifest: &&Manifest| {
        ids.contains(&manifest.config)
            && image.layers.iter().all(|layer| manifest.layers.contains_key(&layer.diff_id))
    };
    by_id.or_else(|| manifests.iter().find(is_same).map(|manifest| manifest.image))
}

fn expected(image: &Image, id: Digest) -> Expected {
    Expected { id, layers: image.diff_ids(), references: image.references.clone() }
}

fn references(source: &Source, id: Digest) -> Vec<String> {
    let image = source.images().iter().find(|image| image.id == id);
    image.map(|image| image.references.clone()).unwrap_or_default()
}

/// How many different layers images have.
fn layers(images: &[Image]) -> usize {
    images.iter().flat_map(Image::diff_ids).collect::<HashSet<_>>().len()
}

fn warn_of_platform(host: &Host, inventory: &Inventory, images: &[Image]) {
    for image in images.iter().filter(|image| image.platform != inventory.platform) {
        let (name, platform, there) = (image.name(), &image.platform, &inventory.platform);
        ui::warn(format_args!("{name} is for {platform}, and {} is {there}", host.name()));
    }
}

/// What a receiver said, out of the error that a stream can carry.
fn target_error(error: io::Error) -> target::Error {
    match error.downcast::<target::Error>() {
        Ok(error) => error,
        Err(error) => target::Error::Sending(error),
    }
}
