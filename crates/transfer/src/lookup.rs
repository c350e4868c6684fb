//! Finding out what a host lacks of the images.

use std::collections::HashMap;

use dockerutils_command::Runner;
use dockerutils_oci::Digest;

use crate::connected_host::ConnectedHost;
use crate::coverage::{Coverage, hold_tag};
use crate::error::Result;
use crate::observer::{Observer, Warning};
use crate::remote::{self, ExpectedImage, Host, Inventory, Manifest, RemoteEngine, Store, WantedImages};
use crate::{Image, Plan, PresentLayers, Source};

/// How hosts are inspected.
#[derive(Clone, Copy)]
pub(crate) struct LookupOptions<'a> {
    pub(crate) source: &'a Source,
    /// Which layers are sent.
    pub(crate) coverage: Coverage,
    /// Whether missing layers will be sent: reading them may then start as soon as one is known to be missing.
    pub(crate) sends: bool,
}

impl LookupOptions<'_> {
    /// Connects to a host, and finds out what it lacks.
    ///
    /// # Errors
    /// Fails if ssh cannot connect, or docker cannot be used.
    pub(crate) fn connect(
        &self,
        host: Host,
        observer: &dyn Observer,
        runner: &Runner,
    ) -> Result<ConnectedHost> {
        let (engine, manifests) = self.inspect(&host, observer, runner)?;
        warn_of_platforms(&host, engine.inventory(), self.source.images(), observer);
        let connected = self.compare(host, engine, &manifests);
        // docker save takes a while before its first byte: it starts while the streams open.
        if connected.lacks_images() && self.sends {
            self.source.prepare_reading(runner);
        }
        Ok(connected)
    }

    /// Inspects the engine, and reads the manifests of images that share layers with the wanted ones.
    fn inspect(
        &self,
        host: &Host,
        observer: &dyn Observer,
        runner: &Runner,
    ) -> remote::Result<(RemoteEngine, Vec<Manifest>)> {
        let images = self.source.images();
        let ids: Vec<Vec<Digest>> = images.iter().map(|image| self.source.ids(image)).collect();
        let prepare_reading = || self.source.prepare_reading(runner);
        let on_missing: Option<&(dyn Fn() + Sync)> = if self.sends { Some(&prepare_reading) } else { None };
        let engine = RemoteEngine::connect(host, WantedImages { ids: &ids, on_missing }, runner)?;
        if engine.inventory().sudo {
            observer.on_sudo(host);
        }
        let present = &engine.inventory().wanted;
        // Manifests are slow to read, and are not needed for an image that is found by its ID.
        let has_all = ids.iter().all(|ids| present.iter().any(|image| ids.contains(&image.id)));
        let layers: Vec<Vec<Digest>> = images.iter().map(Image::diff_ids).collect();
        let manifests = if has_all { Vec::new() } else { engine.manifests(&layers, runner)? };
        Ok((engine, manifests))
    }

    /// Decides which images the host has, and which layers it lacks.
    fn compare(&self, host: Host, engine: RemoteEngine, manifests: &[Manifest]) -> ConnectedHost {
        let inventory = engine.inventory();
        let (all, is_held) = (!self.coverage.uses_layers_of_host(), self.coverage.is_held());
        let has = if all { PresentLayers::none() } else { existing_layers(inventory, manifests) };
        let (mut present, mut missing) = (Vec::new(), Vec::new());
        for image in self.source.images() {
            match id_on_host(image, &self.source.ids(image), inventory, manifests).filter(|_| !all) {
                Some(id) => present.push(ExpectedImage {
                    id,
                    layers: image.diff_ids(),
                    references: image.references.clone(),
                }),
                // Without its references: the image is tagged only when it is verified.
                None => {
                    let references = hold_tag(image).filter(|_| is_held).into_iter().collect();
                    missing.push(Image { references, ..image.clone() });
                }
            }
        }
        let mut plan = Plan::new(&missing, &has);
        plan.in_steps &= !is_held;
        let is_used =
            |manifest: &&Manifest| plan.present.iter().any(|layer| manifest.layers.contains_key(layer));
        let bases = manifests.iter().filter(is_used).map(|manifest| manifest.image).collect();
        // An interrupted transfer of a whole image has left its temporary tag.
        let holds = self.source.images().iter().filter_map(hold_tag);
        let holds = holds.filter(|tag| is_held || inventory.has_tag(tag)).collect();
        ConnectedHost { host, engine, present, missing, plan, bases, holds, coverage: self.coverage }
    }
}

/// Returns the layers that an engine has.
pub(crate) fn existing_layers(inventory: &Inventory, manifests: &[Manifest]) -> PresentLayers {
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

/// Returns the ID of an image on the host: one of those that it may have, or that of an image whose manifest has the same
/// configuration and layers. `None` if the host does not have the image.
fn id_on_host(
    image: &Image,
    ids: &[Digest],
    inventory: &Inventory,
    manifests: &[Manifest],
) -> Option<Digest> {
    // After a transfer between stores of different kinds the IDs differ, but the configuration is the same.
    let by_id = inventory.wanted.iter().map(|present| present.id).find(|id| ids.contains(id));
    let is_same = |manifest: &&Manifest| {
        ids.contains(&manifest.config)
            && image.layers.iter().all(|layer| manifest.layers.contains_key(&layer.diff_id))
    };
    by_id.or_else(|| manifests.iter().find(is_same).map(|manifest| manifest.image))
}

fn warn_of_platforms(host: &Host, inventory: &Inventory, images: &[Image], observer: &dyn Observer) {
    for image in images.iter().filter(|image| !image.platform.is_same_machine(&inventory.platform)) {
        observer.on_warning(&Warning::OtherPlatform {
            image: image.name(),
            platform: image.platform.clone(),
            host: host.name().to_owned(),
            host_platform: inventory.platform.clone(),
        });
    }
}
