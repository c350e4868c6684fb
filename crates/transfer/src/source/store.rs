//! The engine's own store, where we may read its files: the layers that are asked for cost no more than themselves.
//!
//! Whatever does not look as we know it makes us ask docker instead. A wrong store, such as that of another engine under
//! the same path, does no harm: all that is read is checked against its digest.

mod contents;
mod overlay;
mod tree;

use std::io::Read;
use std::path::Path;

use dockerutils_command::{Command, Ended, Error as CommandError, Pipes, Runner, Streaming};
use serde::Deserialize;

use self::contents::Contents;
use self::overlay::Overlay;
use super::delivery::Delivery;
use super::{Error, LayerBlob, ReadImage};
use crate::Image;
use dockerutils_oci::{Descriptor, Digest};

/// A store whose files can be read.
#[derive(Debug)]
pub(super) enum Store {
    /// That of the classic kind with the driver overlay2.
    Classic(Overlay),
    /// Containerd's.
    Containerd(Contents),
}

/// A layer of it.
struct Stored {
    blob: Descriptor,
    content: Box<dyn Read>,
}

/// What is needed of `docker info`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    driver: String,
    driver_status: Option<Vec<(String, String)>>,
    docker_root_dir: String,
}

impl Info {
    /// What the engine has answered, if that can be read.
    pub(super) fn of(answer: &Ended) -> Option<Self> {
        serde_json::from_slice(&answer.stdout).ok()
    }

    /// Whether images are in containerd's store.
    pub(super) fn is_containerd(&self) -> bool {
        self.has("driver-type", "io.containerd.snapshotter")
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.driver_status.iter().flatten().any(|(k, v)| k == key && v.starts_with(value))
    }
}

/// Asks the engine where its store is; [`Info::of`] takes the answer.
pub(super) fn ask(docker: &Command, runner: &Runner) -> Result<Streaming, CommandError> {
    runner.start(&docker.clone().args(["info", "--format", "{{json .}}"]), Pipes::Input)
}

impl Store {
    /// The store of which `docker info` tells, with the engine's `/` at `root`; none where it is of another kind or out
    /// of our reach.
    pub(super) fn of(info: &Info, root: &Path) -> Option<Self> {
        let folder = root.join(info.docker_root_dir.strip_prefix('/')?);
        if info.is_containerd() {
            return Contents::new(&folder, root).map(Store::Containerd);
        }
        // With metacopy an overlay's file may have its content in a layer below.
        let is_known = info.driver == "overlay2" && !info.has("Using metacopy", "true");
        is_known.then(|| Overlay::new(&folder)).flatten().map(Store::Classic)
    }

    /// What is known of an image without reading its layers; none on any doubt.
    pub(super) fn parts(&self, image: &Image) -> Option<ReadImage> {
        match self {
            Store::Classic(overlay) => overlay.parts(image),
            Store::Containerd(contents) => contents.parts(image),
        }
    }

    /// Hands over what `delivery` misses, and answers with what is known of the images. With none, nothing has gone
    /// wrong, and what is still missing has to come another way.
    pub(super) fn read(
        &self,
        images: &[Image],
        delivery: &mut Delivery<'_>,
        runner: &Runner,
    ) -> Result<Option<Vec<ReadImage>>, Error> {
        let Some(mut parts) = images.iter().map(|image| self.parts(image)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        for diff_id in delivery.missing() {
            runner.check_interrupted()?;
            let Some(Stored { blob, mut content }) = self.layer(images, &parts, &diff_id) else {
                return Ok(None);
            };
            learn(images, &mut parts, &diff_id, &blob);
            delivery.give(LayerBlob { diff_id, blob }, &mut content).map_err(|err| match err {
                Error::Archive(invalid) => Error::Store(invalid),
                other => other,
            })?;
        }
        Ok(Some(parts))
    }

    fn layer(&self, images: &[Image], parts: &[ReadImage], diff_id: &Digest) -> Option<Stored> {
        match self {
            Store::Classic(overlay) => overlay.layer(images, diff_id),
            Store::Containerd(contents) => contents.layer(images, parts, diff_id),
        }
    }
}

fn learn(images: &[Image], parts: &mut [ReadImage], diff_id: &Digest, blob: &Descriptor) {
    for (image, parts) in images.iter().zip(parts) {
        for (layer, known) in image.layers.iter().zip(&mut parts.layers) {
            if layer.diff_id == *diff_id {
                *known = Some(blob.clone());
            }
        }
    }
}
